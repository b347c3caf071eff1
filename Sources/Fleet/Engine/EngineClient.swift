import System
import Text

/// Asks the engine and waits for the answer: for verbs, which may block. For one thread.
package final class EngineClient {
    private static let patience = Duration.seconds(5)
    /// The time between two attempts to connect.
    private static let pause = Duration.milliseconds(250)

    private var connection: EngineConnection
    private let wakeUp: WakeUp
    private let inbox: String
    private let servers: String
    private var lastRequest: UInt64 = 0
    /// Whether there is a connection now. The library renews one that is lost.
    package private(set) var isConnected = false
    /// Whether the connection has ended for good, as when the servers refuse the user.
    package private(set) var isClosed = false
    /// The refusals one after the other. A server that starts or ends may break one handshake.
    private var refusals = 0
    /// The last trouble of the connection, such as a permission that the user lacks; nil if there was none.
    package private(set) var trouble: String?
    private var messages: [EngineMessage] = []

    /// Connects.
    ///
    /// - Parameters:
    ///   - settings: of the engine.
    ///   - limit: the longest wait, but for the attempt in which it ends.
    /// - Throws: `FleetError` at the limit, and at once if the servers refuse the user or one side does not trust the other.
    package init(_ settings: FleetSettings, within limit: Duration = .seconds(10)) throws(FleetError) {
        do throws(Errno) { wakeUp = try WakeUp() } catch { throw FleetError("the fleet cannot be reached: \(error)") }
        inbox = "_INBOX.\(FleetSubjects.token(settings.host)).\(RandomIdentifier.make())."
        servers = settings.servers.joined(separator: ", ")
        let deadline = Instant.now + limit
        connection = try EngineConnection(settings, wakeUp: wakeUp)
        try connection.subscribe(inbox + "*")
        collect()
        while !isConnected {
            guard refusals < 2, .now < deadline else { throw failure }
            MonotonicTime.sleep(for: min(Self.pause, deadline - .now))
            if isClosed {
                isClosed = false
                connection = try EngineConnection(settings, wakeUp: wakeUp)
                try connection.subscribe(inbox + "*")
            }
            collect()
        }
    }

    /// Why there is no connection.
    private var failure: FleetError {
        let reason = trouble.map { ": \($0)" } ?? ""
        let doubt = "are they running, is fleet: right?"
        let remedy = refusals > 0 ? "check the user, password, certificates and servers of fleet:" : doubt
        return FleetError("no connection with the fleet's servers \(servers)\(reason); \(remedy)")
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
            guard .now < deadline else {
                // It answers nothing that the user may not ask, and reports that meanwhile.
                let reason = trouble.map { " (\($0))" } ?? ""
                return .none("the server did not answer within \(Self.patience.configured)\(reason)")
            }
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
                trouble = reason
            case .closed(let reason, let isRefusal):
                (isConnected, isClosed, refusals) = (false, true, isRefusal ? refusals + 1 : 0)
                trouble = reason
            case .trouble(let text): trouble = text
            case .message(let message, _): messages.append(message)
            }
        }
    }
}
