import Synchronization
import System

extension Journal {
    /// The disk refuses or hangs: records go out unsaved until `restore`.
    ///
    /// - Parameters:
    ///   - reason: for the operator and for subscribers.
    ///   - hub: the journal's own.
    ///   - mayHang: whether the disk may never answer.
    func degrade(_ reason: String, _ hub: EventHub, mayHang: Bool = false) {
        let isNew = condition.withLock { condition in
            guard condition.status.state == .ok else { return false }
            condition.status = JournalStatus(state: .degraded, reason: reason, since: settings.clock())
            return true
        }
        guard isNew else { return }
        markUnsaved(mayHang: mayHang)
        hub.stopHoldingBack()
        announce(to: hub)
    }

    /// All records that memory still held are saved.
    func restore(savedThrough seq: UInt64, _ hub: EventHub) {
        guard hub.resumeHoldingBack(savedThrough: seq) else { return }
        mark?.change { $0.state = .open }
        try? mark?.write(durably: false)
        condition.withLock { condition in
            condition.status = JournalStatus(state: .ok, reason: nil, since: settings.clock())
        }
        announce(to: hub)
    }

    private func announce(to hub: EventHub) {
        let (status, report) = condition.withLock { ($0.status, $0.report) }
        hub.announce(FeedLine(status))
        report?(status)
    }

    /// Marks that numbers are given from here on that the database may never have. Does not wait long for a disk that
    /// hangs.
    private func markUnsaved(mayHang: Bool) {
        guard let mark else { return }
        mark.change { $0.state = .unsaved }
        guard mayHang, let done = try? WakeUp() else {
            try? mark.write(durably: false)
            return
        }
        let started = NamedThread.start("journal-mark") {
            try? mark.write(durably: false)
            done.signal()
        }
        if case .success = started { done.wait(for: .milliseconds(100)) }
    }
}
