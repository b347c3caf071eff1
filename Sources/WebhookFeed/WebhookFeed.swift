package import EventFeed
import Foundation
import Glibc
import Synchronization
import System

/// Delivers the feed to HTTP servers, each by a webhook of its own. None of them ever makes the recogniser, other clients or
/// one another wait.
///
/// A record is delivered once the receiver has accepted it, in the feed's order. A file keeps the last delivered record of
/// each webhook: after an absence of the receiver or a restart, delivery goes on from there.
package final class WebhookFeed: Sendable {
    /// The feed to deliver.
    package struct Source: Sendable {
        package var records: RecordSource
        /// The journal's path, beside which the marks lie; nil if the numbering does not outlive the daemon.
        package var journal: String?
        /// Keeps the mark of a webhook elsewhere than beside the journal; nil for there.
        package var marks: (@Sendable (_ name: String) -> MarkPlace)?
        /// The daemon's version.
        package var version: String
        /// The picture of an event, as JPEG; nil if it is not written yet or there is none. Nil if none are kept.
        package var picture: (@Sendable (_ event: String) -> [UInt8]?)?

        package init(
            _ records: RecordSource,
            journal: String?,
            version: String,
            marks: (@Sendable (_ name: String) -> MarkPlace)? = nil,
            picture: (@Sendable (_ event: String) -> [UInt8]?)? = nil
        ) {
            self.marks = marks
            self.records = records
            self.journal = journal
            self.version = version
            self.picture = picture
        }
    }

    /// News for the operator, each with the webhook's name. None holds a secret.
    package enum Notice: Sendable, Equatable {
        /// Delivery does not work, or not for some records. Reported once while the reason stays the same.
        case trouble(String, String)
        /// Records are accepted again.
        case works(String)
        /// Records that the receiver never got and that are no longer kept.
        case lost(String, ClosedRange<UInt64>)
    }

    /// How long a stop waits for the receivers.
    private static let farewell = Duration.seconds(2)

    private let source: Source
    private let report: @Sendable (Notice) -> Void
    private let hooks: Mutex<[Webhook]>

    /// - Parameters:
    ///   - settings: of each webhook.
    ///   - source: the feed.
    ///   - seqFirst: the last record of earlier daemons, which a webhook without a mark does not get.
    ///   - report: called with news for the operator, on the webhooks' threads.
    /// - Throws: `FeedError` if the process has no descriptors left.
    package init(
        _ settings: [WebhookSettings],
        source: Source,
        startingAfter seqFirst: UInt64,
        report: @escaping @Sendable (Notice) -> Void
    ) throws(FeedError) {
        self.source = source
        self.report = report
        var made: [Webhook] = []
        for entry in settings {
            made.append(
                try Webhook(entry, source: source, position: nil, startingAfter: seqFirst, report: report)
            )
        }
        hooks = Mutex(made)
        forgetMarks(besides: Set(settings.map(\.name)))
    }

    /// Starts the threads; call it once.
    ///
    /// - Returns: false if the system has no threads left.
    package func start() -> Bool { hooks.withLock { hooks in hooks.allSatisfy { $0.start() } } }

    /// Takes the webhooks of another configuration. Those that have not changed go on undisturbed, changed ones go on with
    /// the next record, and new ones begin with the record after `seq`.
    package func replace(_ settings: [WebhookSettings], after seq: UInt64) {
        let old = hooks.withLock(\.self)
        let gone = old.filter { hook in !settings.contains(hook.settings) }
        for hook in gone { hook.requestStop(after: 0, within: .zero) }
        var positions: [String: FeedPosition] = [:]
        for hook in gone { positions[hook.settings.name] = hook.join() }
        forgetMarks(besides: Set(settings.map(\.name)))
        var now: [Webhook] = []
        for entry in settings {
            if let same = old.first(where: { $0.settings == entry }) {
                now.append(same)
                continue
            }
            let position = positions[entry.name]
            do throws(FeedError) {
                let hook = try Webhook(
                    entry,
                    source: source,
                    position: position,
                    startingAfter: seq,
                    report: report
                )
                guard hook.start() else {
                    report(.trouble(entry.name, "cannot be started: the system has no more threads"))
                    continue
                }
                now.append(hook)
            } catch {
                report(.trouble(entry.name, "cannot be started: \(error)"))
            }
        }
        hooks.withLock { [now] in $0 = now }
    }

    /// Delivers the records up to `seq` to the receivers that take them within two seconds, and ends. What is left is
    /// delivered after the next start, if there is a journal.
    package func stop(after seq: UInt64) {
        let all = hooks.withLock(\.self)
        for hook in all { hook.requestStop(after: seq, within: Self.farewell) }
        for hook in all { hook.join() }
    }

    package var statuses: [WebhookStatus] { hooks.withLock { $0.map(\.status) } }

    /// Removes the marks of webhooks that are no longer configured. One that is configured again begins anew.
    private func forgetMarks(besides names: Set<String>) {
        guard let journal = source.journal else { return }
        let kept = Set(names.map { Webhook.markPath($0, beside: journal) })
        let prefix = Webhook.markPath("", beside: journal)
        let directory = (journal as NSString).deletingLastPathComponent
        for file in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
            let path = (directory as NSString).appendingPathComponent(file)
            if path.hasPrefix(prefix), !kept.contains(path) { unlink(path) }
        }
    }
}
