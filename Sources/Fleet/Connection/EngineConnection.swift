import CNATS
import Synchronization
import System

/// A connection with the engine. Once it has come about, the library renews it by itself. What it receives waits
/// until the owner takes it.
final class EngineConnection: Sendable {
    /// What the engine did, in order.
    enum Happening: Sendable {
        case connected
        case disconnected(reason: String?)
        /// The connection has ended for good, or did not come about: make another.
        case closed(reason: String, isRefusal: Bool)
        case trouble(String)
        /// A message, and when it came.
        case message(EngineMessage, at: Duration)
    }

    /// The library's handle.
    ///
    /// `@unchecked Sendable`: libnats locks each connection in every call, and only the owner's `deinit` destroys it.
    private struct Handle: @unchecked Sendable {
        var raw: OpaquePointer
    }

    /// The place where the callbacks of a connection leave what happened.
    private final class Inbox: Sendable {
        private let happenings = Mutex<[Happening]>([])
        private let wakeUp: WakeUp

        init(wakeUp: WakeUp) { self.wakeUp = wakeUp }

        func add(_ happening: Happening, wakes: Bool = true) {
            happenings.withLock { $0.append(happening) }
            if wakes { wakeUp.signal() }
        }

        func take() -> [Happening] {
            happenings.withLock { happenings in
                guard !happenings.isEmpty else { return [] }
                defer { happenings = [] }
                return happenings
            }
        }
    }

    /// The inboxes of open connections. A late callback finds nothing here.
    private static let inboxes = Mutex<(last: UInt64, byNumber: [UInt64: Inbox])>((0, [:]))
    /// Nil if the library is loaded, or why it cannot be.
    private static let loadFailure: String? = cnats_load().map { String(cString: $0) }

    private let handle: Handle
    private let inbox: Inbox
    private let number: UInt64

    /// Connects, which takes up to two seconds a server. `take` shows the success or the end.
    ///
    /// - Parameters:
    ///   - settings: of the engine.
    ///   - wakeUp: signalled when something has happened, but for heartbeats: the more hosts there are, the more of them
    ///     come, and each counts for the time at which it came.
    /// - Throws: `FleetError` if the library is missing or the settings cannot be used.
    init(_ settings: FleetSettings, wakeUp: WakeUp) throws(FleetError) {
        if let reason = Self.loadFailure {
            throw FleetError(
                "a fleet needs libnats, which cannot be loaded: \(reason); install Debian's libnats package"
            )
        }
        let inbox = Inbox(wakeUp: wakeUp)
        let number = Self.inboxes.withLock { inboxes in
            inboxes.last += 1
            inboxes.byNumber[inboxes.last] = inbox
            return inboxes.last
        }
        do throws(FleetError) {
            handle = Handle(raw: try Self.connect(settings, number: number))
        } catch {
            Self.inboxes.withLock { _ = $0.byNumber.removeValue(forKey: number) }
            throw error
        }
        self.inbox = inbox
        self.number = number
    }

    deinit {
        Self.inboxes.withLock { _ = $0.byNumber.removeValue(forKey: number) }
        cnats_close(handle.raw)
    }

    /// What happened since the last call.
    func take() -> [Happening] { inbox.take() }

    /// Receives the messages of a subject for as long as the connection lasts.
    func subscribe(_ subject: String) throws(FleetError) {
        if let reason = cnats_subscribe(handle.raw, subject) {
            throw FleetError("cannot subscribe to \(subject) at the fleet's servers: \(String(cString: reason))")
        }
    }

    /// Why a message was not sent, for certain.
    struct Refusal: Sendable, Equatable {
        var reason: String
        /// Whether the server takes no message of this size, now or later.
        var isTooLarge: Bool
    }

    /// Sends a message.
    ///
    /// - Returns: why the message was not sent, for certain; nil if it may have been.
    func publish(_ message: EngineMessage) -> Refusal? {
        let strings = message.headers.flatMap { [$0.key, $0.value] }
        return withCStrings(strings) { headers in
            message.payload.withUnsafeBytes { payload in
                var isTooLarge = false
                let failure = cnats_publish(
                    handle.raw,
                    message.subject,
                    message.reply,
                    headers,
                    Int32(strings.count / 2),
                    payload.baseAddress,
                    Int32(clamping: payload.count),
                    &isTooLarge
                )
                return failure.map { Refusal(reason: String(cString: $0), isTooLarge: isTooLarge) }
            }
        }
    }

    // MARK: - Parts

    private static func connect(_ settings: FleetSettings, number: UInt64) throws(FleetError) -> OpaquePointer {
        let name = "watchword \(settings.host)"
        let texts = [
            name, settings.user, settings.password, settings.credentials, settings.nkey, settings.nkeySeed, settings.ca,
            settings.clientCertificate, settings.clientKey,
        ]
        var handle: OpaquePointer?
        let failure = withCStrings(settings.servers) { servers in
            withCStrings(texts) { texts in
                var plain = cnats_settings()
                plain.servers = servers
                plain.server_count = Int32(settings.servers.count)
                plain.name = texts[0]
                (plain.user, plain.password) = (texts[1], texts[2])
                plain.credentials = texts[3]
                (plain.nkey, plain.nkey_seed) = (texts[4], texts[5])
                plain.uses_tls = settings.usesTLS
                (plain.ca, plain.certificate, plain.key) = (texts[6], texts[7], texts[8])
                return cnats_connect(&handle, &plain, sink(number)).map { String(cString: $0) }
            }
        }
        guard let handle else {
            throw FleetError("the settings of the fleet cannot be used: \(failure ?? "no connection"); check fleet:")
        }
        return handle
    }

    private static func sink(_ number: UInt64) -> cnats_sink {
        cnats_sink(
            context: number,
            message: { number, message in
                guard let inbox = EngineConnection.inbox(number), let message else { return }
                let received = EngineMessage(message)
                inbox.add(
                    .message(received, at: MonotonicTime.now),
                    wakes: !FleetSubjects.isHeartbeat(received.subject)
                )
            },
            change: { number, change, detail in
                guard let inbox = EngineConnection.inbox(number) else { return }
                let detail = detail.map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
                switch change {
                case CNATS_CONNECTED: inbox.add(.connected)
                case CNATS_DISCONNECTED: inbox.add(.disconnected(reason: detail))
                case CNATS_CLOSED, CNATS_REFUSED:
                    inbox.add(.closed(reason: detail ?? "no server answers", isRefusal: change == CNATS_REFUSED))
                default: inbox.add(.trouble(detail ?? "an unknown trouble"))
                }
            }
        )
    }

    private static func inbox(_ number: UInt64) -> Inbox? { inboxes.withLock { $0.byNumber[number] } }
}

/// Lends the texts as C strings; nil stays NULL.
private func withCStrings<Result>(
    _ texts: [String?],
    _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
    var bytes: [UInt8] = []
    let starts = texts.map { text -> Int? in
        guard let text else { return nil }
        defer { bytes += Array(text.utf8) + [0] }
        return bytes.count
    }
    return bytes.withUnsafeBufferPointer { bytes in
        bytes.withMemoryRebound(to: CChar.self) { characters in
            // One more, so that there is an address even for no texts.
            let pointers = starts.map { start in start.flatMap { characters.baseAddress?.advanced(by: $0) } } + [nil]
            return pointers.withUnsafeBufferPointer { pointers in
                // The array is never empty.
                guard let base = pointers.baseAddress else { preconditionFailure("an array without an address") }
                return body(base)
            }
        }
    }
}
