internal import CLibAV
internal import MediaClock
import System

/// The packets of an open source with their arrival: read directly, or by a thread of their own if the source is live.
final class SourceInput {
    let stream: UnsafeMutablePointer<AVStream>
    let info: SourceInfo
    let carriesTime: Bool
    /// When the last packet arrived, in seconds on the monotonic clock.
    private(set) var arrival = 0.0

    private let reader: any PacketReading
    private let live: LiveInput?
    private let name: String
    private let cancellation: Cancellation
    private let longestSilence: Duration
    private var pacer: BurstPacer

    /// How often a wait checks for cancellation.
    private static let look = Duration.milliseconds(50)
    /// The reader itself notices a silent source. This is for one that hangs in a call.
    private static let grace = Duration.seconds(5)

    init(_ options: SourceOptions, _ address: SourceAddress, _ cancellation: Cancellation) throws(CaptureError) {
        let opened = try OpenedSource.open(options, address, cancellation)
        reader = opened.reader
        stream = reader.stream
        carriesTime = reader.carriesTime
        name = address.name
        self.cancellation = cancellation
        longestSilence = options.longestSilence(of: address)
        pacer = BurstPacer(interval: options.interval)
        var (container, duration, isLive, joins) = ("http", Double?.none, true, false)
        switch opened {
        case .container(let demuxer):
            (container, duration, isLive) = (demuxer.container, demuxer.duration, demuxer.isLive)
            if isLive { joins = demuxer.disableParser() }
        case .multipart: container = "multipart JPEG"
        case .snapshots: container = "snapshots"
        }
        info = SourceInfo(stream, container: container, duration: duration, isLive: isLive)
        // A device's packets lie in the driver's memory, and it sends them evenly.
        if isLive, address.kind != .device {
            live = try LiveInput(reader, units: joins ? AccessUnits(stream) : nil, name: address.name)
        } else {
            live = nil
        }
    }

    /// Reads the next packet.
    ///
    /// - Parameters:
    ///   - packet: receives the data.
    ///   - clock: sees every packet's stamp as soon as it has arrived.
    ///   - limit: when to return nil without a packet; never if this is nil.
    func read(
        into packet: borrowing Packet,
        _ clock: inout LiveClock,
        until limit: Duration?
    ) throws(CaptureError) -> ReadResult? {
        guard let live else {
            let result = try reader.read(into: packet)
            arrival = MonotonicTime.now.seconds
            return result
        }
        let start = cancellation.clock.now()
        while true {
            live.pump { _ = clock.observe($0, arrival: $1) }
            if let arrival = live.take(into: packet) {
                self.arrival = arrival
                return .packet
            }
            switch live.ending {
            case .failed(let error)?: throw error
            case .end?: if !live.flush() { return .end }
            case nil:
                if cancellation.isCancelled { throw .cancelled(name) }
                let now = cancellation.clock.now()
                if let limit, now >= limit { return nil }
                if now - start > longestSilence + Self.grace { throw .timedOut("read", name, after: longestSilence) }
                live.wait(Self.look)
            }
        }
    }

    /// Waits until a sampled picture of a live source may be handed out.
    ///
    /// - Parameters:
    ///   - ticks: the ticks that it stands for.
    ///   - arrival: when it arrived.
    ///   - clock: sees the stamps of what arrives meanwhile. If it changes, the wait ends: it was made by the wrong one.
    func waitForTurn(ticks: Int, arrival: Double, _ clock: inout LiveClock) {
        guard let live else { return }
        let due = pacer.due(ticks: ticks, arrival: arrival, now: MonotonicTime.now.seconds)
        var hasChanged = false
        while !hasChanged, !cancellation.isCancelled, case let left = due - MonotonicTime.now.seconds, left > 0 {
            live.pump { hasChanged = clock.observe($0, arrival: $1) || hasChanged }
            live.wait(min(.seconds(left), Self.look))
        }
        pacer.handedOut(at: MonotonicTime.now.seconds)
    }

    /// Ends the reading. The packets of a live source are let go.
    func close() {
        reader.close()
        live?.close()
    }

    /// A source whose decoder cannot be opened is closed by nobody else, and its thread would read on.
    deinit { close() }
}
