internal import CLibAV
internal import Glibc
import HTTP

/// Opens what an HTTP source names in turn, such as a playlist's segments. The source's headers go to its own server only,
/// and every server is verified as the source's is.
final class SourceParts {
    private let options: SourceOptions
    private let name: String
    private let server: ServerAddress?
    private let interrupt: Interrupt
    private let libavOpen: Open?
    private let libavClose: Close?
    /// Those that libav did not open.
    private var open: [UnsafeMutablePointer<AVIOContext>: WebInput] = [:]

    private typealias Context = UnsafeMutablePointer<AVFormatContext>
    private typealias Bytes = UnsafeMutablePointer<AVIOContext>
    private typealias Open =
        @convention(c) (
            Context?, UnsafeMutablePointer<Bytes?>?, UnsafePointer<CChar>?, Int32, UnsafeMutablePointer<OpaquePointer?>?
        ) -> Int32
    private typealias Close = @convention(c) (Context?, Bytes?) -> Int32

    init(_ options: SourceOptions, _ address: SourceAddress, _ interrupt: Interrupt) {
        self.options = options
        self.interrupt = interrupt
        name = address.name
        server = ServerAddress(address.target)
        // libav's own functions: a new context has them.
        let context = avformat_alloc_context()
        (libavOpen, libavClose) = (context?.pointee.io_open, context?.pointee.io_close2)
        avformat_free_context(context)
    }

    /// Has libav ask this object, which must live until the context is closed.
    func serve(_ context: UnsafeMutablePointer<AVFormatContext>) {
        context.pointee.opaque = Unmanaged.passUnretained(self).toOpaque()
        context.pointee.io_open = { context, bytes, url, flags, dictionary in
            guard let context, let bytes, let url, let opaque = context.pointee.opaque else {
                return libav_error(EINVAL)
            }
            let parts = Unmanaged<SourceParts>.fromOpaque(opaque).takeUnretainedValue()
            return parts.open(context, bytes, url, flags, dictionary)
        }
        context.pointee.io_close2 = { context, bytes in
            guard let context, let bytes, let opaque = context.pointee.opaque else { return 0 }
            return Unmanaged<SourceParts>.fromOpaque(opaque).takeUnretainedValue().close(context, bytes)
        }
    }

    private func open(
        _ context: Context,
        _ bytes: UnsafeMutablePointer<Bytes?>,
        _ url: UnsafePointer<CChar>,
        _ flags: Int32,
        _ dictionary: UnsafeMutablePointer<OpaquePointer?>?
    ) -> Int32 {
        let text = String(cString: url)
        guard !options.headers.isEmpty, text.lowercased().hasPrefix("http"), server?.isServer(of: text) == true else {
            if let dictionary { OptionDictionary.setTLS(options.tls, in: dictionary) }
            return libavOpen?(context, bytes, url, flags, dictionary) ?? LIBAV_PROTOCOL_NOT_FOUND
        }
        do throws(CaptureError) {
            let input = try WebInput(text, options, name: name, interrupt)
            let opened = try input.makeContext(name, isSeekable: input.isSeekable)
            open[opened] = input
            bytes.pointee = opened
            return 0
        } catch {
            return error.libavCode ?? (error.code == .cancelled ? LIBAV_EXIT : libav_error(EIO))
        }
    }

    private func close(_ context: Context, _ bytes: Bytes) -> Int32 {
        guard let input = open.removeValue(forKey: bytes) else { return libavClose?(context, bytes) ?? 0 }
        var bytes: Bytes? = bytes
        input.release(&bytes)
        return 0
    }
}
