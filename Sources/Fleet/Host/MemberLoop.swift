import System
import Text

/// The thread of a `FleetMember`: carries events to the state machines, and what they decide to the engine.
struct MemberLoop {
    enum Request {
        case claim(camera: String)
        case release(camera: String)
        case locate(camera: String, LocatedPart)
        case fetch(camera: String)
        case publish(camera: String)
        case mark(receiver: String)
        case consumer(String, of: Watched)
        /// What the stream of records takes.
        case stream
        /// Whether the bucket of the claims is the one that was seen before.
        case identity
    }

    /// What the loop watches in the engine.
    enum Watched: String, CaseIterable {
        case claims, settings

        var stream: String { self == .claims ? FleetSubjects.claimsStream : FleetSubjects.configurationStream }
        var filter: String { self == .claims ? FleetSubjects.allClaims : FleetSubjects.allSettings }
    }

    enum LocatedPart: Int { case last, own, late }

    /// What the servers may refuse or leave unanswered while they do the rest.
    enum Matter: Hashable {
        case records(of: String)
        case claim(of: String)
        case mark(of: String)
        case watch(of: Watched)
    }

    private static let pageSize = 128
    /// With fewer records waiting than this, a turn begins a moment after the last one or later, to take more at
    /// once: turns are most of what a host costs.
    private static let few = 128
    private static let moment = Duration.milliseconds(100)
    /// How long a host that stops, or that has lost a camera to a living host, has for its last records.
    static let farewell = Duration.seconds(2)

    let member: FleetMember
    var connection: EngineConnection?
    var keeper: ClaimsKeeper
    var forwarding: Forwarding
    /// A watch of each, by its place in `Watched.allCases`.
    var watches: [(watched: Watched, reading: StreamReading)]
    /// When the bucket of the claims was made, as the engine writes it; nil if that is not known yet.
    var claimsMade: String?
    var requests = RequestLedger<Request>()
    /// The answers to a `locate` so far.
    var located: [String: [LocatedPart: StoredMessage?]] = [:]
    var marks = MarkLedger()
    var heartbeat: Heartbeat
    var heartbeats = HeartbeatReading()
    var status = FleetStatus()
    /// Whether something has happened that the keeper is to look at before its next turn is due.
    var hasClaimNews = false
    var nextTurn = Duration.zero
    /// When to ask about the streams; nil if all is known, or is asked.
    var asksAt: Duration?
    /// What is wrong now.
    private var troubles: [Matter: String] = [:]
    /// The last record that was read from the journal.
    private var read: UInt64
    private var settledThrough: UInt64
    private var backoff = Backoff(initial: .milliseconds(500), cap: .seconds(3))
    private var connectsAt = Duration.zero
    private let inbox: String

    init(member: FleetMember, connection: EngineConnection) {
        self.member = member
        self.connection = connection
        let (host, run) = (member.settings.host, member.firstHeartbeat.run)
        inbox = "_INBOX.\(FleetSubjects.token(host)).\(FleetSubjects.token(run))."
        keeper = ClaimsKeeper(host: host, run: run, rhythm: member.settings.rhythm)
        forwarding = Forwarding(host: host, feed: member.outbox.feedID)
        watches = Watched.allCases.map { watched in
            let name = "\(watched)-\(FleetSubjects.token(host))-\(FleetSubjects.token(run))"
            return (watched, StreamReading(name: name, watching: [watched.filter]))
        }
        heartbeat = member.firstHeartbeat
        (read, settledThrough) = (member.outbox.start, member.outbox.start)
    }

    var now: Duration { MonotonicTime.now }
    var host: String { member.settings.host }

    mutating func run() {
        subscribe()
        let tick = member.settings.rhythm.heartbeat / 4
        var lastTurn = now
        while !member.wakeUp.isStopRequested {
            // What cannot be taken yet is no reason to wake.
            let takesRecords = status.isConnected && !forwarding.isFull
            let wait = status.isConnected ? min(tick, max(.zero, nextTurn - now)) : tick
            member.wakeUp.wait(for: wait, orReadable: takesRecords ? member.outbox.pollable() : nil)
            if forwarding.recordCount < Self.few { MonotonicTime.sleep(for: lastTurn + Self.moment - now) }
            lastTurn = now
            member.wakeUp.clear()
            turn()
        }
        let end = now + Self.farewell
        while status.isConnected, status.waiting > 0 || status.delivers && !marks.isIdle, now < end {
            turn()
            MonotonicTime.sleep(for: .milliseconds(5))
        }
    }

    private mutating func turn() {
        connect()
        for happening in connection?.take() ?? [] { take(happening) }
        for command in member.takeCommands() { take(command) }
        // As often as the keeper's turns is often enough.
        for request in now >= nextTurn ? requests.expire(at: now) : [] {
            answer(request, with: .none("the server did not answer in time"))
        }
        if status.isConnected {
            act()
            forward()
        }
        status.waiting = forwarding.recordCount
        member.set(status)
    }

    // MARK: - The connection

    private mutating func connect() {
        // An attempt may take as long as a stop waits.
        guard connection == nil, now >= connectsAt, !member.wakeUp.isStopRequested else { return }
        do throws(FleetError) {
            connection = try EngineConnection(member.settings, wakeUp: member.wakeUp)
            subscribe()
        } catch {
            trouble(error.description)
            connectsAt = now + backoff.next()
        }
    }

    private mutating func subscribe() {
        do throws(FleetError) {
            try connection?.subscribe(inbox + "*")
            try connection?.subscribe(FleetSubjects.allHeartbeats)
        } catch {
            trouble(error.description)
        }
    }

    private mutating func take(_ happening: EngineConnection.Happening) {
        switch happening {
        case .connected:
            status.isConnected = true
            status.trouble = nil
            troubles = [:]
            backoff.reset()
            keeper.connected()
            hasClaimNews = true
            for index in watches.indices { watches[index].reading.restart(at: now) }
            (asksAt, forwarding.takesBatches) = (now, false)
            member.report(.connected)
        case .disconnected(let reason): lose(reason)
        case .closed(let reason, _):
            lose(reason)
            connection = nil
            connectsAt = now + backoff.next()
        case .trouble(let text):
            if status.isConnected { trouble(text) } else { noConnection(text) }
        case .message(let message, let time): receive(message, at: time)
        }
    }

    private mutating func lose(_ reason: String?) {
        status.isConnected = false
        requests.clear()
        located = [:]
        forwarding.interrupt()
        marks.interrupt()
        noConnection(reason)
    }

    private mutating func noConnection(_ reason: String?) {
        trouble("no connection with the fleet's servers: \(reason ?? "it was closed")")
    }

    /// What is wrong with a matter; nil when it works.
    mutating func trouble(_ text: String?, about matter: Matter) {
        let before = troubles[matter]
        // It is tried again and again, while others work.
        guard text != before else { return }
        troubles[matter] = text
        if let text { trouble(text) } else if status.trouble == before { status.trouble = troubles.values.min() }
    }

    mutating func trouble(_ text: String) {
        guard status.trouble != text else { return }
        status.trouble = text
        member.report(.trouble(text))
    }

    private mutating func receive(_ message: EngineMessage, at time: Duration) {
        if message.isDelivery {
            // Each takes the messages of its own consumer.
            for index in watches.indices { follow(watches[index].reading.received(message, at: now), of: index) }
            return
        }
        guard message.subject.hasPrefix(inbox) else {
            guard let heartbeat = heartbeats.read(message) else { return }
            keeper.heard(heartbeat, at: time)
            if keeper.hearing.strangers == 3 { member.report(.sameName) }
            return
        }
        let token = message.subject.dropFirst(inbox.count)
        if let index = watches.firstIndex(where: { $0.watched.rawValue == token }) {
            follow(watches[index].reading.received(message, at: now), of: index)
        } else if let number = UInt64(token), let request = requests.take(number) {
            answer(request, with: EngineReply(message))
        }
    }

    private mutating func take(_ command: FleetMember.Command) {
        switch command {
        case .ready(let camera):
            keeper.ready(camera)
            hasClaimNews = true
        case .replace(let cameras): keeper.replace(cameras: cameras)
        case .heartbeat(var heartbeat):
            heartbeat.isDraining = self.heartbeat.isDraining
            self.heartbeat = heartbeat
            keeper.heartbeatChanged()
            hasClaimNews = true
        case .mark(let mark, let receiver):
            // What comes after another host has taken the deliveries over is not to be kept.
            if status.delivers { marks.want(mark, of: receiver) }
        }
    }

    /// Sends a request, whose answer `answer` takes.
    mutating func send(_ message: EngineMessage, as request: Request) { send([message], as: request) }

    /// Sends the messages of one request. Several are a batch, which the engine stores as a whole or not at all.
    mutating func send(_ messages: [EngineMessage], as request: Request) {
        let number = requests.add(request, at: now)
        let batch = EngineMessage.batch(
            messages,
            named: "\(heartbeat.run).\(number)",
            reply: inbox + String(number)
        )
        var failure: EngineConnection.Refusal?
        for message in batch where failure == nil { failure = connection?.publish(message) }
        // What was not sent is answered by the passing of time, as a lost answer is.
        guard let failure else { return }
        guard failure.isTooLarge, let request = requests.take(number) else {
            return trouble("cannot publish to the fleet's servers: \(failure.reason)")
        }
        let refusal = EngineReply.Failure(code: EngineReply.Failure.tooLarge, description: failure.reason)
        answer(request, with: .failure(refusal))
    }

    /// Asks a watch's consumer for messages, which come to a subject of their own.
    mutating func ask(_ consumer: String, of watched: Watched, count: Int) {
        var message = EngineRequests.next(count, of: consumer, of: watched.stream)
        message.reply = inbox + watched.rawValue
        _ = connection?.publish(message)
    }

    // MARK: - The outbox

    private mutating func forward() {
        var hasSkipped = false
        while !forwarding.isFull {
            let page = member.outbox.records(read, Self.pageSize)
            status.missed += page.missed
            for record in page.records { forwarding.add(record) }
            guard let last = page.last else { break }
            read = last
            hasSkipped = hasSkipped || page.records.last?.number != last
        }
        for (camera, step) in forwarding.next(at: now) { take(step, for: camera) }
        let settled = forwarding.takeSettled()
        // The last record may have been there all the time, or another host may have the camera.
        for case .records(let camera) in troubles.keys where forwarding.isIdle(camera) {
            trouble(nil, about: .records(of: camera))
        }
        for (camera, settled) in settled {
            switch settled {
            case .record(_, let isLate):
                status.forwarded += 1
                if isLate {
                    status.late += 1
                    member.report(.late(camera: camera))
                }
            case .refused(_, let reason):
                status.refused += 1
                member.report(.refused(camera: camera, reason: reason))
            case .known(_, let isNew): status.forwarded += isNew ? 1 : 0
            case .owner: break
            case .ended(let event): member.report(.ended(camera: camera, event: event))
            }
        }
        guard !settled.isEmpty || hasSkipped else { return }
        let through = forwarding.firstNumber.map { $0 - 1 } ?? read
        guard through > settledThrough else { return }
        settledThrough = through
        member.outbox.settled(through)
    }
}
