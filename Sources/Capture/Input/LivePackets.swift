internal import CLibAV
internal import DequeModule
internal import Dispatch
internal import Synchronization
import System

/// Reads a live source's packets on a thread of its own, as they arrive, and holds them until their turn.
///
/// A source that sends in bursts is read at its pace while its pictures are played at theirs. What waits is encoded and
/// bounded: at the limit the source itself has to wait.
///
/// `@unchecked Sendable`: from `init` to the end of the thread only the thread reads from the reader.
final class LivePackets: @unchecked Sendable {
    struct Entry {
        var packet: KeptPacket
        /// On the monotonic clock, in seconds.
        var arrival: Double
    }

    enum Ending {
        case end
        case failed(CaptureError)
    }

    private struct State {
        var entries: Deque<Entry> = []
        var byteCount = 0
        var ending: Ending?
        var isClosed = false
    }

    static let byteLimit = 32 << 20

    private let reader: any PacketReading
    private let name: String
    private let state = Mutex(State())
    private let arrived = DispatchSemaphore(value: 0)
    private let room = DispatchSemaphore(value: 0)
    private let thread = Mutex<NamedThread?>(nil)

    /// Starts to read.
    init(_ reader: any PacketReading, name: String) throws(CaptureError) {
        self.reader = reader
        self.name = name
        switch NamedThread.start("packets", { self.run() }) {
        case .success(let thread): self.thread.withLock { $0 = thread }
        case .failure(let error):
            throw CaptureError(.resources, "cannot start a thread for \(name): \(error)")
        }
    }

    /// The oldest packet that waits; nil if none does.
    func take() -> Entry? {
        let taken = state.withLock { state -> Entry? in
            guard let entry = state.entries.popFirst() else { return nil }
            state.byteCount -= entry.packet.byteCount
            return entry
        }
        if taken != nil { room.signal() }
        return taken
    }

    /// Why no further packets come after those that wait; nil while the source is read.
    var ending: Ending? { state.withLock { $0.entries.isEmpty ? $0.ending : nil } }

    /// Waits for something new, for at most `limit`.
    func wait(_ limit: Duration) {
        _ = arrived.wait(timeout: .now() + .nanoseconds(Int(clamping: limit.nanoseconds)))
    }

    /// Ends the thread and waits for its end.
    func close() {
        state.withLock { $0.isClosed = true }
        reader.close()
        room.signal()
        thread.withLock { thread in
            defer { thread = nil }
            return thread
        }?.join()
        state.withLock { $0.entries.removeAll() }
    }

    private func run() {
        let ending: Ending
        do throws(CaptureError) {
            ending = try read()
        } catch {
            ending = .failed(error)
        }
        state.withLock { $0.ending = ending }
        arrived.signal()
    }

    private func read() throws(CaptureError) -> Ending {
        let packet = try Packet(for: name)
        while true {
            switch try reader.read(into: packet) {
            case .packet:
                guard let kept = KeptPacket(packet) else { throw .outOfMemory(name) }
                packet.clear()
                let entry = Entry(packet: kept, arrival: MonotonicTime.now.seconds)
                guard hold(entry) else { throw .cancelled(name) }
                arrived.signal()
            case .broken(let error): throw error
            case .end: return .end
            }
        }
    }

    /// Adds a packet once there is room for it. Returns false if the source is closed.
    private func hold(_ entry: Entry) -> Bool {
        while true {
            let isHeld: Bool? = state.withLock { state in
                if state.isClosed { return nil }
                guard state.entries.isEmpty || state.byteCount + entry.packet.byteCount <= Self.byteLimit else {
                    return false
                }
                state.entries.append(entry)
                state.byteCount += entry.packet.byteCount
                return true
            }
            guard let isHeld else { return false }
            if isHeld { return true }
            _ = room.wait(timeout: .now() + .milliseconds(100))
        }
    }
}
