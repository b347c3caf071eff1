import EventFeed
import Glibc
import HTTP
import Synchronization
import System
import Text

/// The work of a webhook's thread: delivers one record after the other, each until the receiver takes or refuses it.
struct WebhookForwarder {
    /// How long an event's picture may take to be written.
    private static let pictureTime = Duration.seconds(10)
    /// The longest wait that a receiver may ask for.
    private static let longestWait = Duration.seconds(3600)
    /// How far the mark may lag behind records that are not delivered.
    private static let markLag = Duration.seconds(60)

    private let hook: Webhook
    private let mark: ServedMark
    private var position: FeedPosition
    private var reader: RecordReader
    private var backoff = Backoff(initial: .seconds(1), cap: .seconds(60))
    private var sender: WebhookSender?
    /// The receiver is away, so that a stop has nothing to wait for.
    private var isAway = false
    /// What was reported last; nil once a record was accepted.
    private var complaint: String?
    /// Why the mark cannot be kept, as last reported.
    private var markTrouble: String?
    private var saved = Instant.now

    init(hook: Webhook) {
        self.hook = hook
        reader = RecordReader(hook.source.records)
        mark = ServedMark(hook.mark)
        let feedID = hook.source.records.feedID
        position =
            hook.shared.withLock { $0.position }
            ?? FeedPosition(feedID: feedID, found: mark.found, first: hook.seqFirst)
        advance(to: position.seq)
        save(durably: true)
    }

    mutating func run() {
        sender = WebhookSender(hook.settings, version: hook.source.version)
        if sender == nil { complain("libcurl cannot be set up") }
        while sender != nil, !hook.mustEnd, !isComplete {
            switch reader.next(after: position.seq, within: .zero) {
            case .message(let message, let line): take(message, line)
            case .nothing: wait()
            case .failed(let error):
                complain("no events: \(error)")
                wait()
            }
        }
        save(durably: true)
    }

    /// Whether a stop was requested and everything is delivered, or cannot be.
    private var isComplete: Bool {
        guard hook.wakeUp.isStopRequested else { return false }
        return isAway || position.seq >= hook.shared.withLock { $0.seqWanted }
    }

    private func wait() {
        var entries = [pollfd(fd: hook.wakeUp.pollable, events: Int16(POLLIN), revents: 0)]
        if let pollable = reader.pollable { entries.append(pollfd(fd: pollable, events: Int16(POLLIN), revents: 0)) }
        let limit = hook.wakeUp.isStopRequested ? Duration.milliseconds(20) : .seconds(1)
        _ = poll(&entries, nfds_t(entries.count), Int32(limit / .milliseconds(1)))
        hook.wakeUp.clear()
    }

    private mutating func take(_ message: FeedMessage, _ line: String) {
        switch message {
        case .event, .stream:
            guard let record = WebhookRecord(message, line: line), record.seq > position.seq else { return }
            if hook.settings.takes(record), hook.source.records.delivers(message) {
                guard deliver(record) else { return }
                advance(to: record.seq)
                save()
            } else {
                advance(to: record.seq)
                if .now - saved > Self.markLag { save() }
            }
        case .gap(let lost):
            hook.report(.lost(hook.settings.name, lost))
            hook.shared.withLock { $0.status.lost &+= lost.length }
            if lost.upperBound > position.seq { advance(to: lost.upperBound) }
        case .error(let refusal) where refusal.code == .sinceAhead:
            // The numbering went back although the feed's name is the same: all of it is new.
            advance(to: 0)
            reader.leave()
        case .hello, .snapshot, .owner, .scores, .journal, .status, .error, .unknown: break
        }
    }

    // MARK: - Delivery

    /// Offers a record until the receiver takes or refuses it.
    ///
    /// - Returns: false if a stop came first.
    private mutating func deliver(_ record: WebhookRecord) -> Bool {
        guard let sender else { return false }
        let request = WebhookRequest(record, picture: picture(of: record), template: hook.settings.template)
        let id = "\(position.feedID)-\(record.seq)"
        var patience = WebhookPatience()
        while true {
            let verdict: WebhookVerdict
            do throws(HTTPTransfer.Failure) {
                let (status, retryAfter) = try sender.send(request, id: id) { [hook] in hook.mustEnd }
                verdict = WebhookVerdict(status: status, retryAfter: retryAfter)
            } catch {
                verdict = WebhookVerdict(error)
            }
            switch verdict {
            case .cancelled: return false
            case .delivered:
                accepted()
                return true
            case .refused(let reason):
                refuse(record, reason)
                return true
            case .later(let reason, let wait, let mayConcernRecord):
                isAway = true
                complain(reason)
                if mayConcernRecord, patience.ends(at: .now) {
                    refuse(record, reason)
                    return true
                }
                // The feed's server would cut off a client that does not read.
                reader.leave()
                hook.wakeUp.rest(for: max(backoff.next(), min(wait ?? .zero, Self.longestWait)))
                if hook.wakeUp.isStopRequested { return false }
            }
        }
    }

    /// The picture that goes along. The one of an event that has just happened is waited for.
    private func picture(of record: WebhookRecord) -> [UInt8]? {
        guard hook.settings.hasPicture, let event = record.pictured, let picture = hook.source.picture else {
            return nil
        }
        let age = record.time.map { WallClock.now.microseconds - $0.microseconds } ?? .max
        let isNew = age < Int64(Self.pictureTime / .microseconds(1))
        let deadline = Instant.now + (isNew ? Self.pictureTime : .zero)
        while true {
            if let bytes = picture(event) { return bytes }
            guard .now < deadline, !hook.wakeUp.isStopRequested else { return nil }
            hook.wakeUp.rest(for: .milliseconds(100))
        }
    }

    // MARK: - What is said of it

    private mutating func accepted() {
        isAway = false
        backoff.reset()
        if complaint != nil { hook.report(.works(hook.settings.name)) }
        complaint = nil
        hook.shared.withLock { shared in
            shared.status.delivered += 1
            shared.status.isHealthy = true
            shared.status.reason = nil
        }
    }

    private mutating func refuse(_ record: WebhookRecord, _ reason: String) {
        isAway = false
        backoff.reset()
        hook.shared.withLock { $0.status.refused += 1 }
        complain("\(reason); records that it refuses are skipped", first: record.seq)
    }

    /// Reports trouble with the receiver once, as long as the reason stays the same.
    private mutating func complain(_ reason: String, first record: UInt64? = nil) {
        hook.shared.withLock { shared in
            shared.status.isHealthy = false
            shared.status.reason = reason
        }
        guard complaint != reason else { return }
        complaint = reason
        hook.report(.trouble(hook.settings.name, reason + (record.map { ", the first is \($0)" } ?? "")))
    }

    private mutating func advance(to seq: UInt64) {
        position.seq = seq
        hook.shared.withLock { [position] shared in
            shared.status.seq = seq
            shared.position = position
        }
    }

    /// Writes the mark. A failure only causes repetitions after a restart: the receiver is well.
    private mutating func save(durably: Bool = false) {
        saved = .now
        do throws(FeedError) {
            try mark.write(position, durably: durably)
            markTrouble = nil
        } catch {
            hook.shared.withLock { shared in shared.status.reason = shared.status.reason ?? "\(error)" }
            if markTrouble != "\(error)" { hook.report(.trouble(hook.settings.name, "\(error)")) }
            markTrouble = "\(error)"
        }
    }
}
