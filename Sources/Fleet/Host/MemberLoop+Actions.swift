import Text

extension MemberLoop {
    private static let deliveries = Placement.Camera.deliveries.name
    /// How long the servers are left alone that do not describe a stream.
    private static let pause = Duration.seconds(2)

    /// Does what the state machines decide by now.
    ///
    /// Most wake-ups are acknowledgements of records, which do not concern the claims.
    mutating func act() {
        guard hasClaimNews || now >= nextTurn else { return }
        hasClaimNews = false
        // News does not put off the turn in which a claim is tried again.
        if now >= nextTurn { nextTurn = now + member.settings.rhythm.heartbeat / 4 }
        for index in watches.indices { follow(watches[index].reading.turn(at: now), of: index) }
        if let time = asksAt, now >= time {
            asksAt = nil
            send(EngineRequests.streamInfo(FleetSubjects.stream), as: .stream)
            send(EngineRequests.streamInfo(FleetSubjects.claimsStream), as: .identity)
        }
        let actions = keeper.turn(at: now)
        status.hosts = keeper.hearing.living(at: now)
        status.owned = keeper.owned
        status.claims = keeper.view.claims
        status.owned[Self.deliveries] = nil
        status.deliverer = status.claims.removeValue(forKey: Self.deliveries).flatMap { $0.owner == nil ? nil : $0 }
        // Whoever hears of a camera finds it so in the status.
        if !actions.isEmpty { member.set(status) }
        for action in actions { take(action) }
        for (receiver, mark, revision) in marks.due(at: now) { write(mark, of: receiver, after: revision) }
        status.marks = marks.marks
    }

    private mutating func take(_ action: ClaimsKeeper.Action) {
        switch action {
        case .sendHeartbeat(let isDraining):
            heartbeat.isDraining = isDraining
            heartbeat.load = keeper.load
            let subject = FleetSubjects.heartbeat(of: host)
            _ = connection?.publish(EngineMessage(subject: subject, payload: Array(heartbeat.line.text.utf8)))
        case .writePulse:
            let subject = FleetSubjects.pulse(of: host)
            _ = connection?.publish(EngineMessage(subject: subject, payload: Array(heartbeat.line.text.utf8)))
        case .watchAnew: watchClaimsAnew()
        case .claim(let camera, let revision, _):
            send(claim(camera, by: host, after: revision), as: .claim(camera: camera))
        case .release(let camera, let revision):
            send(claim(camera, by: "", after: revision), as: .release(camera: camera))
        // There is nothing to open: the receivers' marks are known.
        case .prepare(Self.deliveries, _): member.ready(Self.deliveries)
        case .abandon(Self.deliveries): break
        case .start(Self.deliveries, _, _):
            status.delivers = true
            // Whoever delivers begins at the marks: they are to be there before it looks.
            status.marks = marks.marks
            member.set(status)
            member.report(.deliver(true))
        case .stop(Self.deliveries, _):
            status.delivers = false
            marks.drop()
            member.report(.deliver(false))
        case .prepare(let camera, let owner): member.report(.prepare(camera: camera, from: owner))
        case .abandon(let camera): member.report(.abandon(camera: camera))
        case .start(let camera, let epoch, let reason):
            var isMoved = false
            if case .moved = reason { isMoved = true }
            let fence = isMoved ? now + Self.farewell : now
            forwarding.own(camera, epoch: epoch, isPrepared: isMoved, fencingAt: fence)
            member.report(.start(camera: camera, epoch: epoch, reason: reason))
        case .stop(let camera, let owner): member.report(.stop(camera: camera, owner: owner))
        }
    }

    private mutating func watchClaimsAnew() {
        for index in watches.indices where watches[index].watched == .claims { watches[index].reading.restart(at: now) }
    }

    private func claim(_ camera: String, by host: String, after revision: UInt64) -> EngineMessage {
        EngineMessage(
            subject: FleetSubjects.claim(of: camera),
            headers: [EngineMessage.Header.expected: String(revision)],
            payload: Array(host.utf8)
        )
    }

    private mutating func write(_ mark: FleetMark?, of receiver: String, after revision: UInt64) {
        let message = EngineMessage(
            subject: FleetSubjects.mark(of: receiver),
            headers: [EngineMessage.Header.expected: String(revision)],
            payload: mark.map { Array($0.line.text.utf8) } ?? []
        )
        send(message, as: .mark(receiver: receiver))
    }

    /// Does what a watch asks for.
    mutating func follow(_ actions: [StreamReading.Action], of index: Int) {
        let watched = watches[index].watched
        for action in actions {
            switch action {
            case .create(let name, let start):
                if watched == .claims {
                    keeper.watchBegan(at: now)
                    asksAt = now
                }
                let request = EngineRequests.createConsumer(name, of: watched.stream, from: start)
                send(request, as: .consumer(name, of: watched))
            case .ask(let name, let count): ask(name, of: watched, count: count)
            case .deliver(let message):
                switch watched {
                case .claims: see(message)
                case .settings: seeSetting(message)
                }
            case .caughtUp: if watched == .claims { keeper.watchCaughtUp() }
            // A watch shows the last messages only, so it has no holes.
            case .gap: break
            }
        }
    }

    private mutating func see(_ message: StoredMessage) {
        switch FleetSubjects.ClaimKey(subject: message.subject) {
        case .pulse(host):
            keeper.sawPulse(at: now)
            if let time = message.time {
                status.clockLead = .microseconds(WallClock.now.microseconds - time.microseconds)
            }
        case .pulse(let other):
            if let heartbeat = heartbeats.read(pulse: message, of: other) { keeper.heard(heartbeat, at: now) }
        case .mark(let receiver):
            let mark = message.isRemoved ? nil : FleetMark(parsing: message.payload)
            marks.saw(receiver, mark, revision: message.sequence)
        case .camera(let camera): see(camera, message)
        case .deliveries: see(Self.deliveries, message)
        case nil: break
        }
    }

    private mutating func see(_ camera: String, _ message: StoredMessage) {
        let owner = message.isRemoved ? nil : String(decoding: message.payload, as: UTF8.self)
        keeper.saw(camera: camera, owner: owner, revision: message.sequence, since: message.time)
        trouble(nil, about: .claim(of: camera))
        hasClaimNews = true
    }

    private mutating func seeSetting(_ message: StoredMessage) {
        let text = message.isRemoved ? nil : String(decoding: message.payload, as: UTF8.self)
        switch FleetSubjects.SettingKey(subject: message.subject) {
        case .configuration:
            // A watch that begins anew shows it again. One that was removed stays in force.
            guard let text, status.revision != message.sequence else { return }
            status.revision = message.sequence
            member.report(.configuration(text: text, revision: message.sequence))
        case .drain(let host):
            guard host == self.host, heartbeat.isDraining != (text != nil) else { return }
            heartbeat.isDraining = text != nil
            keeper.drain(heartbeat.isDraining)
            member.report(.draining(heartbeat.isDraining))
        case .place(let camera):
            keeper.place(camera, on: text)
            hasClaimNews = true
        case nil: break
        }
    }

    // MARK: - Forwarding

    mutating func take(_ step: CameraForwarding.Step, for camera: String) {
        let stream = FleetSubjects.stream
        switch step {
        case .locate:
            located[camera] = [:]
            let subjects: [(LocatedPart, String)] = [
                (.last, FleetSubjects.events(of: camera)), (.own, FleetSubjects.events(of: camera, by: host)),
                (.late, FleetSubjects.late(of: camera, by: host)),
            ]
            for (part, subject) in subjects {
                send(EngineRequests.last(stream, on: subject), as: .locate(camera: camera, part))
            }
        case .fetch(let sequence): send(EngineRequests.message(stream, at: sequence), as: .fetch(camera: camera))
        case .publish(let publications):
            let messages = publications.map { publication in
                publication.message(host: host, feed: member.outbox.feedID, body: body(of: publication))
            }
            send(messages, as: .publish(camera: camera))
        }
    }

    private func body(of publication: Publication) -> [UInt8] {
        switch publication.content {
        case .owner(let previous, let isPrepared):
            FleetRecords.owner(
                of: publication.camera,
                previous: previous,
                isPrepared: isPrepared,
                host: host,
                epoch: publication.epoch,
                at: WallClock.now
            )
        case .record(let record): FleetRecords.record(record.body, host: host)
        case .refusal(let record, let reason): FleetRecords.refusal(of: record, reason, host: host, at: WallClock.now)
        case .end(let event, let record):
            FleetRecords.end(of: record, host: host, epoch: publication.epoch, at: WallClock.now)
                ?? FleetRecords.end(
                    event,
                    of: publication.camera,
                    unread: record,
                    host: host,
                    epoch: publication.epoch,
                    at: WallClock.now
                )
        }
    }

    /// Takes the answer to a request.
    mutating func answer(_ request: Request, with reply: EngineReply) {
        switch request {
        case .claim(let camera), .release(let camera):
            guard case .none = reply else {
                let (outcome, matter) = (PublishOutcome(reply), Matter.claim(of: camera))
                trouble(outcome.refusal.map { "the fleet's servers refuse a claim of \(camera): \($0)" }, about: matter)
                var revision: UInt64?
                if case .claim = request, case .stored(let sequence) = outcome { revision = sequence }
                keeper.claimed(camera, revision: revision)
                hasClaimNews = true
                return
            }
            keeper.unanswered(camera, at: now)
        case .mark(let receiver):
            let (outcome, matter) = (PublishOutcome(reply), Matter.mark(of: receiver))
            trouble(outcome.refusal.map { "the fleet's servers refuse the mark of \(receiver): \($0)" }, about: matter)
            marks.wrote(receiver, outcome)
        case .consumer(let name, let watched):
            var pending: UInt64?
            switch reply {
            case .value(let value):
                pending = value["num_pending"]?.integer.flatMap { UInt64(exactly: $0) }
                trouble(nil, about: .watch(of: watched))
            case .failure(let failure):
                let text = "the fleet's servers refuse to show the \(watched): \(failure.description)"
                trouble(text, about: .watch(of: watched))
            case .none: break
            }
            guard let index = watches.firstIndex(where: { $0.watched == watched }) else { return }
            follow(watches[index].reading.created(name, pending: pending, at: now), of: index)
        case .stream:
            if case .value(let info) = reply {
                forwarding.takesBatches = EngineObject.takesBatches(info)
            } else {
                asksAt = now + Self.pause
            }
        case .identity:
            guard case .value(let info) = reply, let made = info["created"]?.string else {
                return asksAt = now + Self.pause
            }
            if let claimsMade, claimsMade != made {
                keeper.claimsWereReplaced()
                marks.forgetRevisions()
                watchClaimsAnew()
            }
            claimsMade = made
        case .publish(let camera):
            let outcome = PublishOutcome(reply)
            let matter = Matter.records(of: camera)
            switch outcome {
            case .refused(let reason):
                trouble("the fleet's servers refuse a record of \(camera): \(reason)", about: matter)
            case .unknown(let reason):
                trouble("the fleet's servers acknowledge no records: \(reason)", about: matter)
            case .stored: trouble(nil, about: matter)
            case .duplicate, .wrongSequence, .tooLarge: break
            }
            forwarding.published(camera, outcome, at: now)
        case .fetch(let camera): forwarding.fetched(camera, stored(reply), at: now)
        case .locate(let camera, let part): locate(camera, part, stored(reply))
        }
    }

    /// The message of an answer, nothing if the stream has none, or nil if no answer came.
    private func stored(_ reply: EngineReply) -> StoredMessage?? {
        switch reply {
        case .value(let value): StoredMessage(value).map { .some($0) }
        case .failure(let failure) where failure.code == EngineReply.Failure.noMessage: .some(nil)
        case .failure, .none: nil
        }
    }

    private mutating func locate(_ camera: String, _ part: LocatedPart, _ answer: StoredMessage??) {
        // Another part has failed already.
        guard var parts = located[camera] else { return }
        guard let answer else {
            located[camera] = nil
            return forwarding.found(camera, nil, at: now)
        }
        parts[part] = .some(answer)
        located[camera] = parts
        guard let last = parts[.last], let own = parts[.own], let late = parts[.late] else { return }
        located[camera] = nil
        let position = CameraPosition(last: last, own: own, late: late, feed: member.outbox.feedID)
        forwarding.found(camera, position, at: now)
    }
}
