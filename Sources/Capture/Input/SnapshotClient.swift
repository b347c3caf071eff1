internal import CLibAV
internal import Glibc
import HTTP
import System

/// Asks a camera for its picture: on one connection, and only for a picture that has changed.
final class SnapshotClient {
    private let transfer: HTTPTransfer
    private let name: String
    private var request: HTTPTransfer.Fetch
    private let ownHeaders: [String]
    /// What the camera said about its last picture, to ask whether it has changed.
    private var validators: [String] = []

    /// The largest picture.
    private static let limit = 32 << 20

    init(_ options: SourceOptions, _ address: SourceAddress) throws(CaptureError) {
        guard let transfer = HTTPTransfer(agent: "watchword", stallSeconds: 60, headers: ["etag", "last-modified"])
        else {
            throw .outOfMemory(address.name)
        }
        self.transfer = transfer
        name = address.name
        request = HTTPTransfer.Fetch(url: address.target, limit: Self.limit)
        request.verifiesServer = options.tls.isVerified
        request.authorities = options.tls.authorities
        ownHeaders = options.headers.map(\.line)
    }

    /// Fetches the picture.
    ///
    /// - Returns: nil if it is the same as before.
    /// - Throws: `CaptureError` with the camera's answer.
    func fetch(_ interrupt: Interrupt, within limit: Duration) throws(CaptureError) -> [UInt8]? {
        request.headers = ownHeaders + validators
        let answer: (response: HTTPTransfer.Response, body: [UInt8])
        do throws(HTTPTransfer.Failure) {
            answer = try transfer.fetch(request, timeout: limit) { interrupt.isCancelled || interrupt.hasExpired }
        } catch {
            throw failure(error)
        }
        let (response, body) = answer
        switch response.status {
        case 304: return nil
        case 200..<300: break
        case 401: throw .libav(LIBAV_HTTP_UNAUTHORIZED, "read", name)
        case 403: throw .libav(LIBAV_HTTP_FORBIDDEN, "read", name)
        case 404: throw .libav(LIBAV_HTTP_NOT_FOUND, "read", name)
        case 500...: throw .libav(LIBAV_HTTP_SERVER_ERROR, "read", name)
        default: throw failed(.failed, "the camera answers with HTTP status \(response.status)")
        }
        guard !body.isEmpty else { throw failed(.unreadable, "the camera's answer is empty") }
        validators = []
        if let tag = response.headers["etag"] { validators.append("If-None-Match: \(tag)") }
        if let time = response.headers["last-modified"] { validators.append("If-Modified-Since: \(time)") }
        return body
    }

    private func failed(_ code: CaptureError.Code, _ reason: String) -> CaptureError {
        CaptureError(code, "cannot read \(name): \(reason)")
    }

    private func failure(_ failure: HTTPTransfer.Failure) -> CaptureError {
        switch failure.kind {
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
