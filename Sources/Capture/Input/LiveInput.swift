internal import CLibAV
internal import DequeModule
import System

/// A live source's packets, whole and in order, with their arrival. It belongs to one thread; another one reads the source.
final class LiveInput {
    private let packets: LivePackets
    private let units: AccessUnits?
    private let timeBase: Double
    private var waiting: Deque<LivePackets.Entry> = []
    private var byteCount = 0
    /// When the last piece, and the last whole packet, arrived.
    private var lastPiece: Double
    private var lastUnit: Double?
    /// The time between the last two packets.
    private var gap: Double?

    /// A picture whose end is not announced is taken as whole after this long, if the next is not due before.
    private static let quiet = 0.3

    init(_ reader: any PacketReading, units: AccessUnits?, name: String) throws(CaptureError) {
        packets = try LivePackets(reader, name: name)
        self.units = units
        timeBase = av_q2d(reader.stream.pointee.time_base)
        lastPiece = MonotonicTime.now.seconds
    }

    /// When the newest data arrived, in seconds on the monotonic clock.
    var lastArrival: Double { lastPiece }

    /// Takes in what has arrived.
    ///
    /// - Parameter observe: receives each packet's stamp in seconds, if it has one, and its arrival.
    func pump(_ observe: (Double, Double) -> Void) {
        while byteCount < LivePackets.byteLimit, let entry = packets.take() {
            if let units {
                // A picture that waited for its end arrived with its last piece, not with the one that shows the end.
                var arrival = units.holdsPart ? lastPiece : entry.arrival
                units.take(entry.packet) { unit in
                    add(unit, arrival, observe)
                    arrival = entry.arrival
                }
            } else {
                add(entry.packet, entry.arrival, observe)
            }
            lastPiece = entry.arrival
        }
        let now = MonotonicTime.now.seconds
        guard let units, units.holdsPart, now - lastPiece > Self.quiet else { return }
        // The next one soon shows where this one ends. Guessing too early would tear it.
        guard gap.map({ $0 > 2 * Self.quiet }) ?? true else { return }
        units.flush { add($0, lastPiece, observe) }
    }

    /// The next packet.
    ///
    /// - Parameter packet: receives the packet's data.
    /// - Returns: its arrival in seconds; nil if none waits.
    func take(into packet: borrowing Packet) -> Double? {
        guard let entry = waiting.popFirst() else { return nil }
        byteCount -= entry.packet.byteCount
        packet.share(entry.packet)
        return entry.arrival
    }

    /// Why nothing follows; nil while something may.
    var ending: LivePackets.Ending? { waiting.isEmpty ? packets.ending : nil }

    /// Waits for data, for at most `limit`.
    func wait(_ limit: Duration) { packets.wait(limit) }

    /// Emits the last picture when the source has ended.
    ///
    /// - Returns: whether there was one.
    func flush() -> Bool {
        guard let units, units.holdsPart else { return false }
        units.flush { add($0, lastPiece) { _, _ in } }
        return !waiting.isEmpty
    }

    func close() { packets.close() }

    private func add(_ packet: KeptPacket, _ arrival: Double, _ observe: (Double, Double) -> Void) {
        waiting.append(LivePackets.Entry(packet: packet, arrival: arrival))
        byteCount += packet.byteCount
        if let lastUnit { gap = arrival - lastUnit }
        lastUnit = arrival
        let fields = packet.pointer.pointee
        let stamp = fields.dts != LIBAV_NO_PTS ? fields.dts : fields.pts
        if stamp != LIBAV_NO_PTS { observe(Double(stamp) * timeBase, arrival) }
    }
}
