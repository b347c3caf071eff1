internal import CLibAV
internal import Glibc
import HTTP

/// The certificate of a source's server.
///
/// libav verifies that of an https source. Up to version 5.1 it verifies none of an rtsps source, whatever its options say.
/// So such a server is verified by a connection of its own, just before libav opens it.
enum ServerCertificate {
    /// Verifies the server of an rtsps source, if it is to be verified.
    static func verify(_ options: SourceOptions, _ address: SourceAddress, _ interrupt: Interrupt) throws(CaptureError)
    {
        guard options.tls.isVerified, address.kind == .rtsp, let server = ServerAddress(address.target), server.isSecure
        else { return }
        let code = connect(to: server, options.tls, interrupt)
        if code < 0 { throw explain(.libav(code, "open", address.name), options, address, interrupt) }
    }

    /// Explains a failed connection if the reason is the certificate: libav calls it an input/output error.
    static func explain(
        _ error: CaptureError,
        _ options: SourceOptions,
        _ address: SourceAddress,
        _ interrupt: Interrupt
    ) -> CaptureError {
        guard options.tls.isVerified, error.libavCode == libav_error(EIO), !interrupt.isCancelled,
            let server = ServerAddress(address.target), server.isSecure
        else { return error }
        var unverified = options.tls
        unverified.isVerified = false
        guard connect(to: server, unverified, interrupt) >= 0 else { return error }
        return CaptureError(
            .untrusted,
            "cannot open \(address.name): the server's certificate is not trusted, or is not for this name; "
                + "name it as tls: {ca: FILE}, or accept any by tls: {verify: false}",
            libavCode: error.libavCode
        )
    }

    /// Opens a connection over TLS and closes it. Returns libav's code.
    private static func connect(to server: ServerAddress, _ tls: SourceOptions.TLS, _ interrupt: Interrupt) -> Int32 {
        var options = OptionDictionary()
        options.set("protocol_whitelist", "tcp,tls")
        options.setTLS(tls)
        var callback = interrupt.callback
        var context: UnsafeMutablePointer<AVIOContext>?
        let code = options.with { avio_open2(&context, "tls://\(server.host)", AVIO_FLAG_READ_WRITE, &callback, $0) }
        avio_closep(&context)
        return code
    }
}
