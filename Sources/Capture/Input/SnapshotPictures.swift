internal import CLibAV
internal import Glibc
import System

/// The pictures of a camera that has a single still picture at its address: asked for again and again, no faster than `poll`.
final class SnapshotPictures: PacketReading {
    let carriesTime = false
    private let still: StillStream
    private let client: SnapshotClient
    private let interrupt: Interrupt
    private let clock: WaitClock
    private let name: String
    private let limit: Duration
    private let interval: Duration
    private var picture: [UInt8]
    private var isFirst = true
    private var next: Duration

    private static let look = Duration.milliseconds(50)
    /// How often a source is asked that does not say how often.
    static let usualInterval = Duration.seconds(1)

    /// Fetches the first picture, within `openTimeout`.
    init(_ options: SourceOptions, _ address: SourceAddress, _ interrupt: Interrupt) throws(CaptureError) {
        name = address.name
        limit = options.stallTimeout
        interval = options.poll > .zero ? options.poll : Self.usualInterval
        self.interrupt = interrupt
        clock = interrupt.clock
        client = try SnapshotClient(options, address)
        next = clock.now() + interval
        guard let first = try client.fetch(interrupt, within: options.openTimeout) else {
            throw .libav(LIBAV_EOF, "open", address.name)
        }
        picture = first
        still = try StillStream(of: first, name: address.name)
    }

    var stream: UnsafeMutablePointer<AVStream> { still.stream }

    func read(into packet: borrowing Packet) throws(CaptureError) -> ReadResult {
        if !isFirst {
            while case let left = next - clock.now(), left > .zero {
                if interrupt.isCancelled { throw .cancelled(name) }
                clock.sleep(min(left, Self.look))
            }
            // A slow answer does not make the next request come sooner.
            next = clock.now() + interval
            interrupt.arm(limit)
            do throws(CaptureError) {
                // Nil: the picture is the same.
                if let fetched = try client.fetch(interrupt, within: limit) { picture = fetched }
            } catch {
                throw interrupt.cause(of: error, "read", name, limit)
            }
        }
        isFirst = false
        try packet.hold(picture, name: name)
        return .packet
    }

    func close() { interrupt.close() }
}
