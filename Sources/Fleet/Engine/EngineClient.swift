import System
import Text

/// Asks the engine and waits for the answer: for verbs, which may block. For one thread.
package final class EngineClient {
    private static let patience = Duration.seconds(5)

    private let connection: EngineConnection
    private let wakeUp: WakeUp
    private let inbox: String
    private let servers: String
    private var lastRequest: UInt64 = 0
    /// Whether there is a connection now. The library renews one that is lost.
    package private(set) var isConnected = false
    /// Whether the connection has ended for good.
    package private(set) var isClosed = false
    /// The last trouble of the connection, such as a permission that the user lacks; nil if there was none.
    package private(set) var trouble: String?
    private var messages: [EngineMessage] = []

    /// Connects.
    ///
    /// - Parameters:
    ///   - settings: of the engine.
    ///   - limit: the longest wait.
    package init(_ settings: FleetSettings, within limit: Duration = .seconds(10)) throws(FleetError) {
        do throws(Errno) { wakeUp = try WakeUp() } catch { throw FleetError("the fleet cannot be reached: \(error)") }
        inbox = "_INBOX.\(FleetSubjects.token(settings.host)).\(RandomIdentifier.make())."
        servers = settings.servers.joined(separator: ", ")
        connection = try EngineConnection(settings, wakeUp: wakeUp)
        try connection.subscribe(inbox + "*")
        let deadline = Instant.now + limit
        while !isConnected {
            try wait(until: deadline)
            collect()
        }
    }

    /// The descriptor that is readable when something has come.
    package var pollable: Int32 { wakeUp.pollable }

    /// A subject for messages that come by themselves; `take` returns them.
    func subject(_ token: String) -> String { inbox + token }

    func publish(_ message: EngineMessage) { _ = connection.publish(message) }

    /// Receives the messages of a subject from now on; `take` returns them.
    func subscribe(_ subject: String) throws(FleetError) { try connection.subscribe(subject) }

    /// Waits for what the connection does; messages stay for `take`.
    package func rest(for limit: Duration) {
        wakeUp.wait(for: limit)
        wakeUp.clear()
        collect()
    }

    /// The messages that have come since the last call, within a limit.
    func take(within limit: Duration) -> [EngineMessage] {
        collect()
        if messages.isEmpty {
            wakeUp.wait(for: limit)
            wakeUp.clear()
            collect()
        }
        defer { messages = [] }
        return messages
    }

    /// Sends a request and waits for its answer.
    func ask(_ request: EngineMessage) -> EngineReply { answer(on: send(request)) }

    /// Waits for the answer to a request that `send` has sent.
    func answer(on subject: String) -> EngineReply {
        let deadline = Instant.now + Self.patience
        while true {
            collect()
            if let place = messages.firstIndex(where: { $0.subject == subject }) {
                return EngineReply(messages.remove(at: place))
            }
            guard .now < deadline else { return .none("the server did not answer within \(Self.patience)") }
            wakeUp.wait(for: deadline - .now)
            wakeUp.clear()
        }
    }

    /// The name of the server that leads the stream of records; nil while none does.
    package func leader() -> String? {
        guard case .value(let info) = ask(EngineRequests.streamInfo(FleetSubjects.stream)) else { return nil }
        return StreamReport(info)?.leader
    }

    /// Sends a request that many servers answer, and returns what comes within a limit.
    func askAll(_ request: EngineMessage, within limit: Duration) -> [EngineReply] {
        let deadline = Instant.now + limit
        let subject = send(request)
        while .now < deadline {
            wakeUp.wait(for: deadline - .now)
            wakeUp.clear()
            collect()
        }
        let answers = messages.filter { $0.subject == subject }
        messages.removeAll { $0.subject == subject }
        return answers.map(EngineReply.init)
    }

    /// Sends a request.
    ///
    /// - Returns: the subject of its answer.
    func send(_ request: EngineMessage) -> String {
        lastRequest += 1
        var request = request
        let subject = inbox + String(lastRequest)
        request.reply = subject
        publish(request)
        return subject
    }

    private func collect() {
        for happening in connection.take() {
            switch happening {
            case .connected:
                isConnected = true
                trouble = nil
            case .disconnected(let reason):
                isConnected = false
                trouble = reason ?? trouble
            case .closed(let reason):
                (isConnected, isClosed) = (false, true)
                trouble = reason ?? trouble
            case .trouble(let text): trouble = text
            case .message(let message, _): messages.append(message)
            }
        }
    }

    /// Waits for the connection.
    ///
    /// - Throws: `FleetError` at the deadline, and as soon as the connection has ended for good: the servers refuse the user.
    private func wait(until deadline: Instant) throws(FleetError) {
        guard .now < deadline, !isClosed else {
            let reason = trouble.map { ": \($0)" } ?? ""
            throw FleetError(
                "no connection with the fleet's servers \(servers)\(reason); are they running, is fleet.servers right?"
            )
        }
        wakeUp.wait(for: deadline - .now)
        wakeUp.clear()
    }
}
