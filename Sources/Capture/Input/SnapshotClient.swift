internal import CLibAV
internal import Glibc
import System

/// Asks a camera for its picture.
final class SnapshotClient {
    private let options: SourceOptions
    private let address: SourceAddress
    private var last: [UInt8] = []
    private let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 64 << 10)

    /// The largest picture.
    private static let limit = 32 << 20

    init(_ options: SourceOptions, _ address: SourceAddress) {
        self.options = options
        self.address = address
    }

    /// Fetches the picture.
    ///
    /// - Returns: nil if it is the same as before.
    /// - Throws: `CaptureError` with the camera's answer.
    func fetch(_ interrupt: Interrupt) throws(CaptureError) -> [UInt8]? {
        guard let bytes = try ByteInput.open(options, address, interrupt) else {
            throw .libav(LIBAV_PROTOCOL_NOT_FOUND, "read", address.name)
        }
        defer { bytes.close() }
        var picture: [UInt8] = []
        while picture.count <= Self.limit {
            let code = bytes.read(into: buffer)
            if code == LIBAV_EOF || code == 0 { break }
            if code < 0 { throw .libav(code, "read", address.name) }
            picture.append(contentsOf: buffer[..<Int(code)])
        }
        guard !picture.isEmpty, picture.count <= Self.limit else {
            let fault = picture.isEmpty ? "empty" : "larger than any picture"
            throw CaptureError(.unreadable, "cannot read \(address.name): the camera's answer is \(fault)")
        }
        defer { last = picture }
        return picture == last ? nil : picture
    }

    deinit { buffer.deallocate() }
}
