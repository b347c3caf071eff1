import DequeModule
import Synchronization
import System

/// The part of the hub that the journal uses.
extension EventHub {
    /// Waits until subscribers can see all that was published: the journal has saved it, or has given up.
    package func flush() {
        guard let journal else { return }
        let deadline = Instant.now + journal.settings.patience * 2
        while isHoldingRecords, Instant.now < deadline { MonotonicTime.sleep(for: .milliseconds(1)) }
    }

    /// The last number that was given, whether or not subscribers can see its record.
    var seqGiven: UInt64 { state.withLock { $0.seqGiven } }

    /// At most `limit` records from `seq` on, including those that are held back, and no more than `bytes`; but always one.
    func unsaved(from seq: UInt64, limit: Int, bytes: Int) -> RecordHistory.Batch {
        var batch = state.withLock { state in
            var batch = state.history.read(from: seq, limit: limit)
            let next = max(seq, state.history.seqFirst) + UInt64(batch.lines.count)
            guard batch.lines.count < limit, next > state.history.seqLast else { return batch }
            let skipped = Int(clamping: next - state.history.seqLast - 1)
            batch.lines += state.held.dropFirst(skipped).prefix(limit - batch.lines.count).map(\.line)
            return batch
        }
        var size = 0
        for (index, line) in batch.lines.enumerated() {
            size += line.bytes.count
            if index > 0, size > bytes {
                batch.lines.removeSubrange(index...)
                break
            }
        }
        return batch
    }

    /// The number before that of the oldest record in memory.
    var seqBeforeHeld: UInt64 { state.withLock { $0.history.seqFirst - 1 } }

    /// Lets subscribers see the records up to `seq`, which are saved.
    func release(through seq: UInt64) {
        let wakeUp = state.withLock { state -> WakeUp? in
            guard let first = state.held.first?.line.seq, first <= seq else { return nil }
            while let line = state.held.first?.line, let number = line.seq, number <= seq {
                state.held.removeFirst()
                state.release(line)
            }
            return state.wakeUp
        }
        wakeUp?.signal()
    }

    /// Lets records go out unsaved from here on, starting with those that wait.
    func stopHoldingBack() {
        let wakeUp = state.withLock { state in
            state.holdsBack = false
            while let line = state.held.popFirst()?.line { state.release(line) }
            return state.wakeUp
        }
        wakeUp?.signal()
    }

    /// Holds records back again, if every record that subscribers can see is saved.
    ///
    /// - Returns: whether it does.
    func resumeHoldingBack(savedThrough seq: UInt64) -> Bool {
        state.withLock { state in
            guard state.history.seqLast == seq else { return false }
            state.holdsBack = true
            return true
        }
    }

    /// Whether a record has waited since before that moment, or more than `count` records wait.
    func hasHeldBack(since moment: Instant, moreThan count: Int) -> Bool {
        state.withLock { state in
            guard let oldest = state.held.first else { return false }
            return oldest.since < moment || state.held.count > count
        }
    }

    var isHoldingRecords: Bool { state.withLock { !$0.held.isEmpty } }

    /// The record with which the oldest open event started; nil if none is open.
    var firstOpenSeq: UInt64? { state.withLock { $0.openEvents.values.map(\.startedSeq).min() } }

    /// The last records of the open events.
    var openLines: [FeedLine] { state.withLock { $0.openLines } }
}
