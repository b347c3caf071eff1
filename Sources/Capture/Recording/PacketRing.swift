internal import CLibAV
internal import DequeModule
internal import Synchronization
import System

/// A source's newest packets as they came, for clips of what happened: whole groups of pictures, each from a key frame on,
/// as many as the length asks for and the limit of bytes allows.
///
/// The capture thread fills it; whoever cuts a clip takes a share of the packets, not a copy of their bytes. Raw pictures,
/// which no clip can hold, are not kept.
package final class PacketRing: Sendable {
    struct Entry {
        var packet: KeptPacket
        /// On the monotonic clock.
        var arrival: Duration
    }

    fileprivate struct State {
        var parameters: KeptParameters?
        var entries: Deque<Entry> = []
        /// How many entries each group of pictures has, oldest first.
        var groups: Deque<Int> = []
        var byteCount = 0
    }

    private let length: Duration
    private let byteLimit: Int
    private let state = Mutex(State())

    /// Keeps at least `length` where that fits into `byteLimit` bytes.
    package init(length: Duration, byteLimit: Int = 64 << 20) {
        self.length = length
        self.byteLimit = byteLimit
    }

    /// The bytes that are kept now.
    package var byteCount: Int { state.withLock { $0.byteCount } }

    /// Whether the source is of a kind that clips can be cut from.
    package var holdsVideo: Bool { state.withLock { $0.parameters != nil } }

    /// A source was opened: what came from the one before does not go with what comes now.
    func begin(_ stream: UnsafeMutablePointer<AVStream>) {
        let isRaw = stream.pointee.codecpar.pointee.codec_id == AV_CODEC_ID_RAWVIDEO
        let parameters = isRaw ? nil : KeptParameters(of: stream)
        state.withLock { state in
            state = State()
            state.parameters = parameters
        }
    }

    func add(_ packet: borrowing Packet) {
        guard holdsVideo, let kept = KeptPacket(packet) else { return }
        let arrival = MonotonicTime.now
        state.withLock { $0.add(Entry(packet: kept, arrival: arrival), length: length, byteLimit: byteLimit) }
    }

    /// What came between two times of the monotonic clock, begun early enough to start with a key frame; nil where there is
    /// nothing of it.
    package func clip(from start: Duration, to end: Duration) -> PacketClip? {
        state.withLock { state in
            guard let parameters = state.parameters else { return nil }
            let first = state.entries.lastIndex { $0.packet.isKey && $0.arrival <= start } ?? 0
            let packets = state.entries[first...].prefix { $0.arrival <= end }.map(\.packet)
            return packets.isEmpty ? nil : PacketClip(parameters: parameters, packets: packets)
        }
    }
}

extension PacketRing.State {
    fileprivate mutating func add(_ entry: PacketRing.Entry, length: Duration, byteLimit: Int) {
        if entry.packet.isKey {
            groups.append(0)
        } else if groups.isEmpty {
            // Nothing can be made of it without the key frame before.
            return
        }
        entries.append(entry)
        groups[groups.count - 1] += 1
        byteCount += entry.packet.byteCount
        while groups.count > 1, entries[groups[0]].arrival <= entry.arrival - length || byteCount > byteLimit {
            removeOldestGroup()
        }
        // One group of pictures without end: better none than one that eats the memory.
        if byteCount > byteLimit { removeOldestGroup() }
    }

    private mutating func removeOldestGroup() {
        guard let count = groups.popFirst() else { return }
        for entry in entries.prefix(count) { byteCount -= entry.packet.byteCount }
        entries.removeFirst(count)
    }
}
