import Text

/// Makes and checks what a fleet keeps in the engine.
package struct FleetSetup {
    private let client: EngineClient
    private let isTrial: Bool

    /// - Parameters:
    ///   - client: of the engine, as a user who may make streams.
    ///   - isTrial: whether one replica and servers that flush late are accepted.
    package init(_ client: EngineClient, isTrial: Bool) {
        self.client = client
        self.isTrial = isTrial
    }

    /// What is wrong with the servers, one line each.
    ///
    /// - Parameter system: a client as a user of the system account, which alone may ask every server; nil if there is none.
    package func serverFaults(system: EngineClient?) -> [String] {
        if let system {
            let reports = system.askAll(EngineRequests.serverReports, within: .seconds(2)).compactMap(Self.report)
            guard !reports.isEmpty else {
                return [
                    "no server reports its state: is the user of the system account right, and may it ask \("$SYS.REQ.SERVER.PING.JSZ")?"
                ]
            }
            let keeping = reports.count { $0.keepsStreams }
            let tooFew = "\(keeping) server keeps streams: a fleet needs 3, so that it survives the loss of one"
            return reports.flatMap { $0.faults(isTrial: isTrial) } + (keeping < 3 && !isTrial ? [tooFew] : [])
        }
        guard let report = Self.report(client.ask(EngineRequests.userInfo)) else {
            return ["the server does not report its version: a fleet needs NATS \(ServerVersion.oldest) or later"]
        }
        let unknown =
            "whether the servers flush always is not known: give the credentials of a user of the system account"
        return report.faults(isTrial: isTrial) + (isTrial ? [] : [unknown])
    }

    /// Makes the objects that are missing, and checks those that are there.
    ///
    /// - Returns: what is wrong with them, one line each.
    package func create(_ limits: EngineObject.Limits) throws(FleetError) -> [String] {
        var faults: [String] = []
        for object in EngineObject.all(limits) {
            var reply = client.ask(EngineRequests.streamInfo(object.name))
            if case .failure(let failure) = reply, failure.code == EngineReply.Failure.noStream {
                var object = object
                if object.name == FleetSubjects.claimsStream { object.begin(after: try lastEpoch()) }
                reply = client.ask(EngineRequests.create(object))
            }
            switch reply {
            case .value(let info): faults += object.faults(info, isTrial: isTrial)
            case .failure(let failure):
                let remedy = "give the servers more room (max_file_store), or keep less with --keep-size"
                let hint = failure.lacksStorage ? "; \(remedy)" : ""
                throw FleetError("cannot make \(object.name): \(failure.description)\(hint)")
            case .none(let reason): throw FleetError("cannot make \(object.name): \(reason)")
            }
        }
        return faults
    }

    /// The highest epoch of the records, above which claims that are made anew begin: a lower one would make all later
    /// records late. 0 if there are none.
    private func lastEpoch() throws(FleetError) -> UInt64 {
        let last = try client.lastMessages(of: FleetSubjects.stream, on: FleetSubjects.allEvents)
        return last.compactMap { $0.number(EngineMessage.Header.epoch) }.max() ?? 0
    }

    private static func report(_ reply: EngineReply) -> ServerReport? {
        if case .value(let value) = reply { ServerReport(value) } else { nil }
    }
}
