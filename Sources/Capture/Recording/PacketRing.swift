internal import CLibAV
internal import DequeModule
internal import Synchronization
import System

/// A source's newest packets, for clips of events.
///
/// It keeps whole groups of pictures, each beginning with a key frame: as many as `length` requires and `byteLimit`
/// allows. The capture thread fills it. A clip shares the packets and does not copy their bytes. Raw pictures are not
/// kept, because no clip can hold them.
package final class PacketRing: ClipSource {
    struct Entry {
        var packet: KeptPacket
        /// On the monotonic clock.
        var arrival: Duration
    }

    fileprivate struct State {
        var parameters: KeptParameters?
        var entries: Deque<Entry> = []
        /// The number of entries in each group of pictures, oldest first.
        var groups: Deque<Int> = []
        var byteCount = 0
    }

    private let length: Duration
    private let byteLimit: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - length: the time to cover, if it fits into `byteLimit`.
    ///   - byteLimit: the most bytes to keep.
    package init(length: Duration, byteLimit: Int = 64 << 20) {
        self.length = length
        self.byteLimit = byteLimit
    }

    /// The number of bytes kept now.
    package var byteCount: Int { state.withLock { $0.byteCount } }

    /// Whether clips can be cut from this kind of source.
    package var holdsVideo: Bool { state.withLock { $0.parameters != nil } }

    /// Starts anew when a source is opened: packets of two connections do not go into one clip.
    func begin(_ stream: UnsafeMutablePointer<AVStream>) {
        let isRaw = stream.pointee.codecpar.pointee.codec_id == AV_CODEC_ID_RAWVIDEO
        let parameters = isRaw ? nil : KeptParameters(of: stream)
        state.withLock { state in
            state = State()
            state.parameters = parameters
        }
    }

    /// A live source's first picture says what its description left out.
    func complete(by picture: borrowing Picture) {
        let parameters = state.withLock { $0.parameters }?.completed(by: picture)
        state.withLock { $0.parameters = parameters }
    }

    func add(_ packet: borrowing Packet) {
        guard holdsVideo, let kept = KeptPacket(packet) else { return }
        let arrival = MonotonicTime.now
        state.withLock { $0.add(Entry(packet: kept, arrival: arrival), length: length, byteLimit: byteLimit) }
    }

    /// The packets that arrived between two times on the monotonic clock, from the key frame before `start` if it is
    /// still kept.
    ///
    /// - Returns: the clip; nil if no packet is kept.
    func clip(from start: Duration, to end: Duration) -> PacketClip? {
        state.withLock { state in
            guard let parameters = state.parameters else { return nil }
            let first = state.entries.lastIndex { $0.packet.isKey && $0.arrival <= start } ?? 0
            let packets = state.entries[first...].prefix { $0.arrival <= end }.map(\.packet)
            return packets.isEmpty ? nil : PacketClip(parameters: parameters, packets: packets)
        }
    }

    package func writeClip(
        from start: Duration,
        to end: Duration,
        into file: Int32,
        place: String
    ) throws(CaptureError) -> Bool {
        guard let clip = clip(from: start, to: end) else { return false }
        try clip.write(to: file, place: place)
        return true
    }
}

extension PacketRing.State {
    fileprivate mutating func add(_ entry: PacketRing.Entry, length: Duration, byteLimit: Int) {
        if entry.packet.isKey {
            groups.append(0)
        } else if groups.isEmpty {
            // A packet cannot be decoded without the key frame before it.
            return
        }
        entries.append(entry)
        groups[groups.count - 1] += 1
        byteCount += entry.packet.byteCount
        while groups.count > 1, entries[groups[0]].arrival <= entry.arrival - length || byteCount > byteLimit {
            removeOldestGroup()
        }
        // A single group that exceeds the limit is dropped: no clip is better than exhausted memory.
        if byteCount > byteLimit { removeOldestGroup() }
    }

    private mutating func removeOldestGroup() {
        guard let count = groups.popFirst() else { return }
        for entry in entries.prefix(count) { byteCount -= entry.packet.byteCount }
        entries.removeFirst(count)
    }
}
