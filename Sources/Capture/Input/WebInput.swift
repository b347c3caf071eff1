internal import CLibAV
internal import Glibc
import HTTP
import System

/// An answer over HTTP as bytes for libav, where the source has headers of its own: libav would send them to every server that
/// the source's own redirects to.
final class WebInput: ByteReader {
    private let body: HTTPBody
    private let interrupt: Interrupt

    /// Sends the request and waits for the answer's head.
    init(_ url: String, _ options: SourceOptions, name: String, _ interrupt: Interrupt) throws(CaptureError) {
        self.interrupt = interrupt
        do throws(HTTPTransfer.Failure) {
            body = try HTTPBody(HTTPTransfer.Fetch(url, options)) { interrupt.isCancelled || interrupt.hasExpired }
        } catch {
            throw .transfer(error, "open", name)
        }
        guard (200..<300).contains(body.status) else { throw .status(body.status, "open", name) }
    }

    var contentType: String? { body.contentType }
    var isSeekable: Bool { body.isSeekable }
    /// Where redirections have led.
    var url: String { body.url }

    override var length: Int? { body.length }
    override var position: Int { body.position }

    override func seek(to position: Int) -> Bool {
        guard body.isSeekable || position == body.position else { return false }
        body.seek(to: position)
        return true
    }

    override func read(_ buffer: UnsafeMutablePointer<UInt8>, _ count: Int32) -> Int32 {
        do throws(HTTPTransfer.Failure) {
            let buffer = UnsafeMutableBufferPointer(start: buffer, count: Int(count))
            let got = try body.read(into: buffer) { interrupt.isCancelled || interrupt.hasExpired }
            return got > 0 ? Int32(got) : LIBAV_EOF
        } catch {
            return error.kind == .cancelled ? LIBAV_EXIT : libav_error(EIO)
        }
    }
}

extension HTTPTransfer.Fetch {
    /// The largest picture.
    private static let limit = 32 << 20

    /// A request to a source.
    init(_ url: String, _ options: SourceOptions) {
        self.init(url: url, limit: Self.limit)
        headers = options.headers.map(\.line)
        verifiesServer = options.tls.isVerified
        authorities = options.tls.authorities
    }
}

extension CaptureError {
    /// An answer over HTTP that is none of success.
    static func status(_ status: Int, _ doing: String, _ name: String) -> CaptureError {
        switch status {
        case 401: .libav(LIBAV_HTTP_UNAUTHORIZED, doing, name)
        case 403: .libav(LIBAV_HTTP_FORBIDDEN, doing, name)
        case 404: .libav(LIBAV_HTTP_NOT_FOUND, doing, name)
        case 500...: .libav(LIBAV_HTTP_SERVER_ERROR, doing, name)
        default: CaptureError(.failed, "cannot \(doing) \(name): the camera answers with HTTP status \(status)")
        }
    }

    /// A request over HTTP without an answer.
    static func transfer(_ failure: HTTPTransfer.Failure, _ doing: String, _ name: String) -> CaptureError {
        let failed = { (code: Code, reason: String) in CaptureError(code, "cannot \(doing) \(name): \(reason)") }
        return switch failure.kind {
        case .cancelled: .cancelled(name)
        case .receiver: failed(.unreadable, "the answer is larger than any picture")
        case .timedOut: failed(.timedOut, "\(failure.reason); check that it is up and reachable")
        case .unsafe:
            failed(
                .untrusted,
                "\(failure.reason); name its certificate as tls: {ca: FILE}, or set tls: {verify: false}"
            )
        case .connection, .rangeRefused: failed(.unreachable, failure.reason)
        }
    }
}
