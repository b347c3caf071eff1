internal import CLibAV
internal import Glibc
import HTTP
import System

/// Asks a camera for its picture: on one connection, and only for a picture that has changed.
final class SnapshotClient {
    private let transfer: HTTPTransfer
    private let name: String
    private var request: HTTPTransfer.Fetch

    init(_ options: SourceOptions, _ address: SourceAddress) throws(CaptureError) {
        guard let transfer = HTTPTransfer(agent: "watchword", stallSeconds: 60, headers: ["etag", "last-modified"])
        else {
            throw .outOfMemory(address.name)
        }
        self.transfer = transfer
        name = address.name
        request = HTTPTransfer.Fetch(address.target, options)
    }

    /// Fetches the picture.
    ///
    /// - Returns: nil if it is the same as before.
    /// - Throws: `CaptureError` with the camera's answer.
    func fetch(_ interrupt: Interrupt, within limit: Duration) throws(CaptureError) -> [UInt8]? {
        let answer: (response: HTTPTransfer.Response, body: [UInt8])
        do throws(HTTPTransfer.Failure) {
            answer = try transfer.fetch(request, timeout: limit) { interrupt.isCancelled || interrupt.hasExpired }
        } catch {
            throw .transfer(error, "read", name)
        }
        let (response, body) = answer
        switch response.status {
        case 304: return nil
        case 200..<300: break
        default: throw .status(response.status, "read", name)
        }
        guard !body.isEmpty else {
            throw CaptureError(.unreadable, "cannot read \(name): the camera's answer is empty")
        }
        // What the camera says about its picture, to ask whether it has changed.
        request.conditions = []
        if let tag = response.headers["etag"] { request.conditions.append("If-None-Match: \(tag)") }
        if let time = response.headers["last-modified"] { request.conditions.append("If-Modified-Since: \(time)") }
        return body
    }
}
