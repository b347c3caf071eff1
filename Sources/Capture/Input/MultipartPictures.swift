internal import CLibAV
internal import Glibc
import HTTP
import System

/// The pictures of a camera that answers a request over HTTP with one JPEG file after the other.
final class MultipartPictures: PacketReading {
    let carriesTime = false
    private let still: StillStream
    private let bytes: ByteInput
    private let interrupt: Interrupt
    private let name: String
    private let stallTimeout: Duration
    private var framer: MultipartFramer
    private var first: [UInt8]?
    private let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 64 << 10)

    /// Waits for the first picture, for at most `openTimeout`.
    init(
        _ bytes: ByteInput,
        boundary: String,
        _ options: SourceOptions,
        _ address: SourceAddress,
        _ interrupt: Interrupt
    ) throws(CaptureError) {
        self.bytes = bytes
        self.interrupt = interrupt
        name = address.name
        stallTimeout = options.stallTimeout
        framer = MultipartFramer(boundary: boundary)
        interrupt.arm(options.openTimeout)
        let picture = try Self.nextPart(&framer, bytes, buffer, address.name)
        guard let picture else { throw .libav(LIBAV_EOF, "open", address.name) }
        still = try StillStream(of: picture, name: address.name)
        first = picture
    }

    var stream: UnsafeMutablePointer<AVStream> { still.stream }

    func read(into packet: borrowing Packet) throws(CaptureError) -> ReadResult {
        if let picture = first {
            first = nil
            try packet.hold(picture, name: name)
            return .packet
        }
        interrupt.arm(stallTimeout)
        do throws(CaptureError) {
            guard let picture = try Self.nextPart(&framer, bytes, buffer, name) else { return .end }
            try packet.hold(picture, name: name)
            return .packet
        } catch {
            throw interrupt.cause(of: error, "read", name, stallTimeout)
        }
    }

    func close() { interrupt.close() }

    deinit { buffer.deallocate() }

    /// The next picture; nil at the end.
    private static func nextPart(
        _ framer: inout MultipartFramer,
        _ bytes: ByteInput,
        _ buffer: UnsafeMutableBufferPointer<UInt8>,
        _ name: String
    ) throws(CaptureError) -> [UInt8]? {
        while true {
            let part: [UInt8]?
            do throws(MultipartFramer.Failure) {
                part = try framer.next()
            } catch {
                throw CaptureError(.unreadable, "cannot read \(name): \(error.message)")
            }
            // A camera may send a word in between.
            if let part, part.count > 16 { return part }
            if part != nil { continue }
            let code = bytes.read(into: buffer)
            if code == LIBAV_EOF || code == 0 { return nil }
            if code < 0 { throw .libav(code, "read", name) }
            framer.append(buffer[..<Int(code)])
        }
    }
}
