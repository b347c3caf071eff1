import Events
import Synchronization
import System
import Text

/// The records of the feed on disk, with their numbers. They survive restarts, crashes and full disks.
///
/// Three threads, so that no other thread waits for the disk: "journal" saves the hub's records and drops those that
/// are too old, "journal-read" reads pages for replays, and "journal-watch" lets records go out unsaved when the disk
/// hangs.
package final class Journal: Sendable {
    struct Condition {
        var status: JournalStatus
        var report: (@Sendable (JournalStatus) -> Void)?
    }

    /// The records that may wait to be saved even if memory keeps fewer: a burst must not lose any.
    private static let mostHeld = 10_000

    let settings: JournalSettings
    /// Names the numbering of the records.
    let feedID: String
    /// The last number that earlier daemons may have given.
    let seqBase: UInt64
    /// Messages for the operator about the opening, one line each.
    package let notices: [String]
    /// Nil while the disk refuses it.
    private let heldMark: Mutex<SequenceMark?>
    /// When the newest record of earlier daemons was saved; nil for none.
    let newest: UTCTime?
    /// The ends of the events that a killed daemon left open.
    let recovered: [LabelEvent]
    let database: Mutex<JournalDatabase?>
    let reader: JournalReader
    let condition: Mutex<Condition>
    /// The oldest record in the database; 0 for none.
    let seqFirstKept: Atomic<UInt64>
    let writerWakeUp: WakeUp
    private let watchWakeUp: WakeUp
    private let threads = Mutex<[NamedThread]>([])
    private let writerHasEnded = Atomic(false)

    /// Opens the journal, or makes it. A damaged file is moved aside, with a notice. If the disk refuses, the journal
    /// is degraded.
    ///
    /// - Throws: `JournalError` if it cannot be used at all.
    package init(_ settings: JournalSettings) throws(JournalError) {
        do {
            writerWakeUp = try WakeUp()
            watchWakeUp = try WakeUp()
            reader = JournalReader(wakeUp: try WakeUp())
        } catch {
            throw JournalError.threads(settings.path)
        }
        let opening = try JournalOpening(settings)
        self.settings = settings
        feedID = opening.feedID
        seqBase = opening.seqBase
        notices = opening.notices
        heldMark = Mutex(opening.mark)
        newest = opening.newest
        recovered = opening.recovered
        database = Mutex(opening.database)
        seqFirstKept = Atomic(opening.seqFirst ?? 0)
        let status = JournalStatus(
            state: opening.fault == nil ? .ok : .degraded,
            reason: opening.fault,
            since: settings.clock()
        )
        condition = Mutex(Condition(status: status))
    }

    package var status: JournalStatus { condition.withLock { $0.status } }

    /// The number of events that a killed daemon left open and that end with `crash_recovered`.
    package var recoveredCount: Int { recovered.count }

    /// The oldest record that the journal has; nil for none.
    var seqFirst: UInt64? {
        let first = seqFirstKept.load(ordering: .relaxed)
        return first == 0 ? nil : first
    }

    /// Nil while the disk refuses it.
    var openDatabase: JournalDatabase? { database.withLock(\.self) }

    var mark: SequenceMark? { heldMark.withLock(\.self) }

    /// Tries again to open the mark if that failed at the opening. On the journal's own thread.
    func openMark(given: UInt64) throws(MarkFailure) {
        guard mark == nil else { return }
        let mark = try SequenceMark(settings, feedID: feedID)
        mark.change { content in
            content.feedID = feedID
            content.reserved = max(content.reserved, given + settings.reserve)
            content.state = .unsaved
            content.bootID = settings.bootID
        }
        try mark.write(durably: true)
        heldMark.withLock { $0 = mark }
    }

    /// Opens the mark anew if the file at its path is not the one that was opened. On the journal's own thread.
    func renewMark(given: UInt64) throws(MarkFailure) {
        guard let mark, !mark.isInPlace else { return }
        heldMark.withLock { $0 = nil }
        try openMark(given: given)
    }

    /// Starts to save what the hub publishes, beginning with the ends of recovered events. Call it once, before
    /// anything is published.
    ///
    /// - Parameters:
    ///   - hub: the hub that was made with this journal.
    ///   - report: called with every change of `status`, on one of the journal's threads.
    /// - Throws: `JournalError` if the system has no threads left.
    package func start(feeding hub: EventHub, report: @escaping @Sendable (JournalStatus) -> Void) throws(JournalError)
    {
        precondition(hub.journal === self, "a journal saves the records of its own hub")
        condition.withLock { $0.report = report }
        for event in recovered { hub.publish(.event(event)) }
        let bodies: [(String, @Sendable () -> Void)] = [
            (
                "journal",
                { [self] in
                    let writer = JournalWriter(journal: self, hub: hub)
                    writer.run()
                    writerHasEnded.store(true, ordering: .releasing)
                }
            ),
            ("journal-read", { [self] in reader.run(journal: self, hub: hub) }),
            ("journal-watch", { [self] in watch(hub) }),
        ]
        for (name, body) in bodies {
            guard case .success(let thread) = NamedThread.start(name, body) else {
                stop()
                throw JournalError.threads(settings.path)
            }
            threads.withLock { $0.append(thread) }
        }
    }

    /// Saves the remaining records and closes the file. Waits for a disk that hangs for a few seconds only.
    package func stop() {
        let threads = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        watchWakeUp.requestStop()
        reader.stop()
        writerWakeUp.requestStop()
        let deadline = Instant.now + settings.patience * 3
        while !threads.isEmpty, !writerHasEnded.load(ordering: .acquiring) {
            // The thread hangs in the kernel; the end of the process ends it.
            guard Instant.now < deadline else { return }
            MonotonicTime.sleep(for: .milliseconds(1))
        }
        for thread in threads { thread.join() }
        // Its lock would keep out the next journal.
        heldMark.withLock { $0 = nil }
    }

    /// Signals that the hub has records to save. From any thread; never blocks.
    func signal() {
        writerWakeUp.signal()
        watchWakeUp.signal()
    }

    /// Releases records that have waited too long. A disk that hangs reports no error, so only the clock shows it.
    private func watch(_ hub: EventHub) {
        let most = max(hub.state.withLock { $0.history.capacity }, Self.mostHeld)
        while !watchWakeUp.isStopRequested {
            watchWakeUp.wait(for: hub.isHoldingRecords ? settings.patience / 4 : nil)
            // One look at the clock covers all signals that come in the meantime.
            MonotonicTime.sleep(for: min(settings.patience / 8, .milliseconds(100)))
            watchWakeUp.clear()
            guard hub.hasHeldBack(since: .now - settings.patience, moreThan: most) else { continue }
            let reason = "no record was saved within \(settings.patience): the disk hangs, or the machine is overloaded"
            degrade(reason, hub, mayHang: true)
        }
    }
}
