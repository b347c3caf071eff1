import System
import Text

/// What an operator does with a fleet: its configuration, and what is to be where. For verbs, which may block.
package struct FleetOperator {
    /// The most bytes of a configuration: the engine takes messages of 1 MiB at most.
    package static let configurationLimit = 1_000_000

    /// The last revision, and where a new one has to come after.
    package struct Standing: Sendable, Equatable {
        /// Nil if there is none.
        package var revision: FleetRevision?
        var sequence: UInt64
    }

    let client: EngineClient

    package init(_ client: EngineClient) { self.client = client }

    // MARK: - The configuration

    package func standing() throws(FleetError) -> Standing {
        let bucket = FleetSubjects.configurationStream
        guard let message = try stored(EngineRequests.last(bucket, on: FleetSubjects.configuration)) else {
            return Standing(revision: nil, sequence: 0)
        }
        return Standing(revision: FleetRevision(message), sequence: message.sequence)
    }

    /// A revision that is still kept.
    package func revision(_ number: UInt64) throws(FleetError) -> FleetRevision {
        let kept = try revisions()
        if let revision = kept.first(where: { $0.number == number }) { return revision }
        let numbers = kept.map { String($0.number) }.joined(separator: ", ")
        let rest =
            kept.isEmpty ? "there is none: run `watchword fleet apply FILE`" : "the revisions here are \(numbers)"
        throw FleetError("there is no revision \(number) of the fleet's configuration; \(rest)")
    }

    /// The revisions that are kept, the oldest first.
    package func revisions() throws(FleetError) -> [FleetRevision] {
        let bucket = FleetSubjects.configurationStream
        var revisions: [FleetRevision] = []
        var sequence: UInt64 = 1
        while let message = try stored(
            EngineRequests.next(bucket, on: FleetSubjects.configuration, from: sequence)
        ) {
            if let revision = FleetRevision(message) { revisions.append(revision) }
            sequence = message.sequence + 1
        }
        return revisions
    }

    /// Makes a text the fleet's configuration.
    ///
    /// - Parameters:
    ///   - text: YAML that has been checked.
    ///   - standing: what the operator has seen. If it is no longer the last, nothing is written.
    ///   - version: of this program.
    /// - Returns: the revision's number.
    package func apply(_ text: String, over standing: Standing, version: String) throws(FleetError) -> UInt64 {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.configurationLimit else {
            throw FleetError("the configuration has \(bytes.count) bytes, and the fleet's servers take 1000000 at most")
        }
        let message = EngineMessage(
            subject: FleetSubjects.configuration,
            headers: [
                EngineMessage.Header.expected: String(standing.sequence), EngineMessage.Header.version: version,
            ],
            payload: bytes
        )
        switch PublishOutcome(client.ask(message)) {
        case .stored(let sequence): return sequence
        case .duplicate, .wrongSequence:
            let last = try self.standing().revision.map { "\($0.title) holds" } ?? "the configuration was removed"
            throw FleetError("another operator was faster, so nothing was written: \(last); look at it and apply again")
        case .refused(let reason), .tooLarge(let reason):
            throw FleetError("the fleet's servers refuse the configuration: \(reason)")
        case .unknown(let reason):
            // It may have been written all the same.
            let now = try self.standing()
            if now.sequence > standing.sequence, let revision = now.revision, revision.text == text {
                return revision.number
            }
            throw FleetError("the configuration was not written: \(reason); try again")
        }
    }

    // MARK: - Hosts and cameras

    /// Has a host give up its cameras, or take its share again.
    package func drain(_ host: String, _ isDraining: Bool) throws(FleetError) {
        try set(FleetSubjects.drain(of: host), isDraining ? "yes" : "")
    }

    /// Gives a camera to a host.
    ///
    /// - Parameter host: nil to leave it to the plan again.
    package func move(_ camera: String, to host: String?) throws(FleetError) {
        try set(FleetSubjects.place(of: camera), host ?? "")
    }

    /// The cameras of a host, by the claims.
    package func cameras(of host: String) throws(FleetError) -> [String] {
        try claims().filter { $0.value.owner == host }.keys.sorted()
    }

    /// The hosts that are heard within a limit.
    package func hosts(within limit: Duration) throws(FleetError) -> [Heartbeat] {
        try client.subscribe(FleetSubjects.allHeartbeats)
        var (heartbeats, heard) = (HeartbeatReading(), [String: Heartbeat]())
        let deadline = Instant.now + limit
        while .now < deadline {
            for message in client.take(within: deadline - .now) {
                if let heartbeat = heartbeats.read(message) { heard[heartbeat.host] = heartbeat }
            }
        }
        return heard.values.sorted { $0.host < $1.host }
    }

    func claims() throws(FleetError) -> [String: FleetClaim] {
        FleetOverview.claims(
            try client.lastMessages(of: FleetSubjects.claimsStream, on: FleetSubjects.allClaims)
        )
    }

    // MARK: - Parts

    private func set(_ subject: String, _ value: String) throws(FleetError) {
        // A message on a subject that no stream has is answered by silence.
        _ = try client.report(of: FleetSubjects.configurationStream)
        switch PublishOutcome(client.ask(EngineMessage(subject: subject, payload: Array(value.utf8)))) {
        case .stored, .duplicate: return
        case .wrongSequence: throw FleetError("the fleet's servers refuse the change; try again")
        case .refused(let reason), .tooLarge(let reason):
            throw FleetError("the fleet's servers refuse the change: \(reason)")
        case .unknown(let reason):
            throw FleetError("whether the change was made is not known: \(reason); try again")
        }
    }

    /// The message of an answer; nil if the bucket has none.
    private func stored(_ request: EngineMessage) throws(FleetError) -> StoredMessage? {
        switch client.ask(request) {
        case .value(let value):
            guard let message = StoredMessage(value) else {
                throw FleetError("the fleet's servers keep a message that cannot be read")
            }
            return message
        case .failure(let failure) where failure.code == EngineReply.Failure.noMessage: return nil
        case .failure(let failure): throw FleetError.refused(failure, FleetSubjects.configurationStream)
        case .none(let reason): throw FleetError("the fleet's servers do not answer: \(reason); try again")
        }
    }
}
