internal import CLibAV
internal import Glibc
import HTTP

/// What a camera that refuses a login asks for. libav reports only that it refuses.
enum LoginAdvice {
    /// Explains a refused login if the reason is that libav does not know the method.
    ///
    /// libav answers Basic and Digest with MD5. Of several Digest challenges it takes the last, so one of SHA-256 hides one
    /// of MD5.
    static func explain(_ error: CaptureError, _ address: SourceAddress, _ interrupt: Interrupt) -> CaptureError {
        guard error.code == .unauthorized, address.kind == .rtsp, !interrupt.isCancelled,
            let answer = answer(from: address.target, interrupt)
        else { return error }
        let methods = methods(in: answer)
        guard methods.contains(where: { $0.hasPrefix("Digest with SHA") }) else { return error }
        let version = avformat_version()
        return CaptureError(
            .unauthorized,
            "cannot open \(address.name): the camera asks for \(methods.joined(separator: " and ")), and libavformat "
                + "\(version >> 16).\(version >> 8 & 0xFF) answers Digest with MD5 only, as the camera's last offer; "
                + "allow only MD5, or Basic, in the camera's settings",
            libavCode: error.libavCode
        )
    }

    /// The methods that an answer offers, in its order: "Basic", "Digest with SHA-256". Pure.
    static func methods(in answer: String) -> [String] {
        answer.split(whereSeparator: \.isNewline).compactMap { line in
            let pair = line.split(separator: ":", maxSplits: 1)
            guard pair.count == 2, pair[0].lowercased() == "www-authenticate" else { return nil }
            let value = pair[1].drop { $0 == " " }
            let scheme = String(value.prefix { $0 != " " })
            guard scheme.lowercased() == "digest" else { return scheme }
            let algorithm = value.lowercased().firstRange(of: "algorithm=").map { range in
                value.lowercased()[range.upperBound...].prefix { $0 != "," && $0 != " " }.filter { $0 != "\"" }
            }
            return "Digest with \(algorithm?.uppercased() ?? "MD5")"
        }
    }

    /// What the server answers to a request without credentials; nil if it cannot be asked.
    private static func answer(from url: String, _ interrupt: Interrupt) -> String? {
        guard let server = ServerAddress(url) else { return nil }
        let transport = server.isSecure ? "tls" : "tcp"
        var options = OptionDictionary()
        options.set("protocol_whitelist", "tcp,tls")
        var callback = interrupt.callback
        var context: UnsafeMutablePointer<AVIOContext>?
        let code = options.with {
            avio_open2(&context, "\(transport)://\(server.host)", AVIO_FLAG_READ_WRITE, &callback, $0)
        }
        guard code >= 0, let context else { return nil }
        defer {
            var context: UnsafeMutablePointer<AVIOContext>? = context
            avio_closep(&context)
        }
        let request = Array("DESCRIBE \(server.bareURL) RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n".utf8)
        avio_write(context, request, Int32(request.count))
        avio_flush(context)
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while answer.count < 1 << 14, !String(decoding: answer, as: UTF8.self).contains("\r\n\r\n") {
            let got = avio_read_partial(context, &chunk, Int32(chunk.count))
            guard got > 0 else { break }
            answer += chunk[..<Int(got)]
        }
        return String(decoding: answer, as: UTF8.self)
    }
}
