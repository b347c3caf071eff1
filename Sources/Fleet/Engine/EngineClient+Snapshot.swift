import System
import Text

extension EngineClient {
    private static let limit = Duration.seconds(20)
    private static let token = "snapshot"

    /// The last message of each subject of a filter, as a stream has them now.
    ///
    /// - Throws: `FleetError` if the engine does not show them.
    func lastMessages(of stream: String, on filter: String) throws(FleetError) -> [StoredMessage] {
        var reading = StreamReading(name: "snapshot-\(RandomIdentifier.make())", watching: [filter])
        var found: [StoredMessage] = []
        let deadline = Instant.now + Self.limit
        while .now < deadline {
            var actions = reading.turn(at: MonotonicTime.now)
            if actions.isEmpty {
                for message in take(within: .milliseconds(100))
                where message.isDelivery || message.subject == subject(Self.token) {
                    actions += reading.received(message, at: MonotonicTime.now)
                }
            }
            while !actions.isEmpty {
                switch actions.removeFirst() {
                case .create(let name, let start):
                    // Another consumer begins anew.
                    found = []
                    let pending = try pending(name, of: stream, from: start)
                    actions += reading.created(name, pending: pending, at: MonotonicTime.now)
                case .ask(let name, let count):
                    var request = EngineRequests.next(count, of: name, of: stream)
                    request.reply = subject(Self.token)
                    publish(request)
                case .deliver(let message): found.append(message)
                case .gap: break
                case .caughtUp: return found
                }
            }
        }
        throw FleetError("the fleet's servers do not show \(stream) within \(Self.limit.configured); try again")
    }

    /// The number of messages of a new consumer; nil if it may be made later.
    private func pending(
        _ name: String,
        of stream: String,
        from start: EngineRequests.Start
    ) throws(FleetError) -> UInt64? {
        switch ask(EngineRequests.createConsumer(name, of: stream, from: start)) {
        case .value(let value): value["num_pending"]?.integer.flatMap { UInt64(exactly: $0) }
        case .failure(let failure) where failure.code == EngineReply.Failure.noStream: throw FleetError.noStream(stream)
        case .failure, .none: nil
        }
    }

    /// What the engine reports of a stream.
    ///
    /// - Parameter filter: the subjects whose messages are counted; nil for none.
    func report(of stream: String, counting filter: String? = nil) throws(FleetError) -> StreamReport {
        let request =
            filter.map { EngineRequests.streamInfo(stream, counting: $0) } ?? EngineRequests.streamInfo(stream)
        switch ask(request) {
        case .value(let value):
            guard let report = StreamReport(value) else {
                throw FleetError("the fleet's servers describe \(stream) in a form that cannot be read")
            }
            return report
        case .failure(let failure): throw FleetError.refused(failure, stream)
        case .none(let reason): throw FleetError("the fleet's servers do not show \(stream): \(reason); try again")
        }
    }
}

extension FleetError {
    static func noStream(_ stream: String) -> FleetError {
        FleetError("the fleet's servers have no \(stream): run `watchword fleet init` first")
    }

    static func refused(_ failure: EngineReply.Failure, _ stream: String) -> FleetError {
        failure.code == EngineReply.Failure.noStream
            ? noStream(stream) : FleetError("the fleet's servers refuse access to \(stream): \(failure.description)")
    }
}
