internal import CLibAV
internal import Glibc
import System
import Text

/// Why a source could not be opened or read: what failed, where, and the remedy.
package struct CaptureError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// No such file, device or path on the server.
        case notFound
        /// The operating system forbids it.
        case denied
        /// The host answers, but nothing listens on the port.
        case refused
        /// The server rejects the user name and password, or requires them.
        case unauthorized
        /// The server's certificate is not trusted.
        case untrusted
        /// No route to the host, or its name does not resolve.
        case unreachable
        /// The deadline for opening or reading passed.
        case timedOut
        /// The connection broke.
        case disconnected
        /// Not a video file, or a damaged one.
        case unreadable
        /// The source holds no video stream.
        case noVideo
        /// No decoder, container, protocol or pixel format of this kind.
        case unsupported
        /// The device is in use by another program.
        case busy
        /// Out of memory or descriptors.
        case resources
        /// The data ended before the first picture: it is empty or cut off.
        case ended
        /// The process that read the source crashed, hung or misbehaved.
        case crashed
        /// `Cancellation.cancel()` was called.
        case cancelled
        /// Anything else.
        case failed
    }

    package let code: Code
    /// One line: what failed, the place, the reason, the remedy.
    package let message: String
    /// The code that libav returned, if libav failed.
    package let libavCode: Int32?

    package init(_ code: Code, _ message: String, libavCode: Int32? = nil) {
        self.code = code
        self.message = Redaction().redact(message).singleLine
        self.libavCode = libavCode
    }

    package var description: String { message }
}

extension CaptureError {
    /// Turns a libav code into an error; no other function does.
    ///
    /// - Parameters:
    ///   - libavCode: the negative code that libav returned.
    ///   - doing: a verb phrase for the message, such as "open".
    ///   - place: the source or file, without credentials.
    static func libav(_ libavCode: Int32, _ doing: String, _ place: String) -> CaptureError {
        let (code, remedy) = meaning(of: libavCode)
        var text = "cannot \(doing) \(place): \(libavMessage(libavCode))"
        if let remedy { text += "; \(remedy)" }
        return CaptureError(code, text, libavCode: libavCode)
    }

    package static func cancelled(_ place: String) -> CaptureError {
        CaptureError(.cancelled, "reading \(place) was cancelled")
    }

    static func timedOut(_ doing: String, _ place: String, after limit: Duration) -> CaptureError {
        let message = "cannot \(doing) \(place): no answer within \(limit.seconds) s; check that it is up and reachable"
        return CaptureError(.timedOut, message, libavCode: LIBAV_EXIT)
    }

    static func outOfMemory(_ place: String) -> CaptureError {
        .libav(libav_error(ENOMEM), "allocate for", place)
    }

    static func noDevices(_ place: String, _ reason: String) -> CaptureError {
        // The dynamic linker says this of a library that is not there, and something else of one that cannot be loaded.
        let isAbsent = reason.contains("No such file or directory")
        let remedy = isAbsent ? "install libavdevice" : "libavdevice is there and is tried again at the next attempt"
        return CaptureError(isAbsent ? .unsupported : .resources, "cannot open \(place): \(reason); \(remedy)")
    }

    private static func libavMessage(_ code: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let text = buffer.baseAddress else { return "error \(code)" }
            text.initialize(repeating: 0, count: buffer.count)
            _ = av_strerror(code, text, buffer.count)
            return String(cString: text)
        }
    }

    private static func meaning(of code: Int32) -> (Code, remedy: String?) {
        switch code {
        case LIBAV_HTTP_UNAUTHORIZED, LIBAV_HTTP_FORBIDDEN:
            return (.unauthorized, "check the user name and password in the URL")
        case LIBAV_HTTP_NOT_FOUND: return (.notFound, "check the path in the URL")
        case LIBAV_HTTP_BAD_REQUEST, LIBAV_HTTP_OTHER_4XX: return (.failed, "check the path in the URL")
        case LIBAV_HTTP_SERVER_ERROR: return (.disconnected, "the fault is on the server")
        case LIBAV_INVALID_DATA: return (.unreadable, "the data is damaged or is not video")
        case LIBAV_STREAM_NOT_FOUND: return (.noVideo, "use a source with a video stream")
        case LIBAV_DECODER_NOT_FOUND: return (.unsupported, "set the source to send H.264 or another common codec")
        case LIBAV_PROTOCOL_NOT_FOUND, LIBAV_DEMUXER_NOT_FOUND:
            return (.unsupported, "use rtsp, rtmp, http(s), udp, tcp, srt, v4l2, lavfi or a file")
        case LIBAV_FILTER_NOT_FOUND, LIBAV_OPTION_NOT_FOUND: return (.unsupported, "check the filter graph or options")
        case LIBAV_PATCH_WELCOME: return (.unsupported, nil)
        case LIBAV_EOF: return (.ended, "it is empty or cut off")
        case LIBAV_EXIT: return (.cancelled, nil)
        default: return meaning(ofErrno: -code)
        }
    }

    private static func meaning(ofErrno value: Int32) -> (Code, remedy: String?) {
        switch value {
        case ENOENT, ENODEV, ENXIO: (.notFound, "check the path")
        case EISDIR: (.unreadable, "name a file in the directory")
        case EACCES, EPERM: (.denied, "give the user who runs this program permission to read it")
        case EBUSY: (.busy, "another program is using it")
        case ECONNREFUSED: (.refused, "check the address and port, and that the server is running")
        case ETIMEDOUT: (.timedOut, "check that it is up and reachable")
        case EHOSTUNREACH, ENETUNREACH, ENETDOWN, EADDRNOTAVAIL: (.unreachable, "check the address and the network")
        case ECONNRESET, EPIPE, ECONNABORTED, ENOTCONN: (.disconnected, nil)
        case EIO: (.unreachable, "check the host name, the network and the device")
        case ENOMEM, EMFILE, ENFILE: (.resources, nil)
        case EINVAL: (.failed, "check the URL, the device options or the filter graph")
        case ENOSYS, EPROTONOSUPPORT, ENOPROTOOPT:
            (.unsupported, "the server offers no such transport; set transport: auto")
        default: (.failed, nil)
        }
    }
}
