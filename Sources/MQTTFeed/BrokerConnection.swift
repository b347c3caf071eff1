import CMosquitto
import Glibc
import System

/// One connection to the broker, from start to end: libmosquitto's handle and what it reports. For one thread. Only the
/// look-up of the broker's name blocks.
final class BrokerConnection {
    /// What the broker did, in order.
    enum Happening: Equatable {
        case accepted
        case refused(Int32)
        /// The broker has acknowledged the message with this number. Only a broker of MQTT 5 says that nobody subscribes
        /// to its topic.
        case acknowledged(Int32, hasSubscriber: Bool)
        /// The broker refused a message or a subscription.
        case rejected(Refusal)
        case message(topic: String, payload: String, isRetained: Bool)
    }

    /// What the broker does not allow.
    struct Refusal: Equatable {
        /// The message's number; nil for a subscription.
        var message: Int32?
        /// The topic or the filter.
        var topic: String
        var reason: Int32
    }

    /// The version of the protocol. The older one has no reasons for refusals.
    enum Version {
        case v5, v311
    }

    /// How often a quiet connection asks whether the broker lives, in seconds. One that does not answer for as long again
    /// is given up.
    static let keepAlive: Int32 = 6

    /// The place that the library's callbacks write to. Any call of the library may call them.
    private final class Inbox {
        var happenings: [Happening] = []
        /// The last message that the library logged as an error.
        var complaint: String?
        /// The topics of messages and the filters of subscriptions that the broker has not answered, by their numbers.
        var topics: [Int32: String] = [:]
        var filters: [Int32: String] = [:]
    }

    private let settings: MQTTSettings
    private let address: MQTTAddress
    private let handle: OpaquePointer
    private let inbox: Inbox
    /// The socket is connected.
    private var hasReached = false
    /// Why the connection has ended.
    private var failure: MQTTFeedError?
    /// The broker has accepted the connection.
    private(set) var isAccepted = false

    /// Initialised once and never cleaned up: the library's state belongs to the whole process.
    private static let library: Int32 = mosquitto_lib_init()

    /// Refuses a key with a passphrase. Without this OpenSSL would ask for it on the terminal.
    private static let noPassphrase:
        @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 = { _, _, _, _ in
            0
        }

    /// - Parameters:
    ///   - settings: of the broker.
    ///   - version: of the protocol.
    ///   - clientID: the client's name at the broker.
    ///   - will: what the broker publishes when this connection ends without a `disconnect`; nil for nothing.
    /// - Throws: `MQTTFeedError` if the settings cannot be used.
    init(
        _ settings: MQTTSettings,
        version: Version,
        clientID: String,
        will: MQTTMessage?
    ) throws(MQTTFeedError) {
        guard let address = settings.address else {
            throw MQTTFeedError("mqtt.url is not the address of a broker: write it like mqtt://broker.local:1883")
        }
        _ = Self.library
        let inbox = Inbox()
        // The library passes the pointer to the callbacks. All of them run inside calls by `self`, which owns the
        // inbox.
        guard let handle = mosquitto_new(clientID, true, Unmanaged.passUnretained(inbox).toOpaque()) else {
            throw MQTTFeedError("cannot make an MQTT client: \(Errno.last)")
        }
        self.settings = settings
        self.address = address
        self.handle = handle
        self.inbox = inbox
        setCallbacks()
        let number = version == .v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311
        try check(mosquitto_int_option(handle, MOSQ_OPT_PROTOCOL_VERSION, number))
        _ = mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1)
        if let will {
            let payload = Array(will.payload.utf8)
            try check(mosquitto_will_set(handle, will.topic, Int32(payload.count), payload, 1, will.isRetained))
        }
        if settings.username != nil {
            try check(mosquitto_username_pw_set(handle, settings.username, settings.password))
        }
        if address.isTLS { try setTLS() }
    }

    deinit { mosquitto_destroy(handle) }

    /// Begins to connect. `turn` reports the result.
    func connect() throws(MQTTFeedError) {
        try check(mosquitto_connect_async(handle, address.host, Int32(address.port), Self.keepAlive))
    }

    /// The socket and the events to poll it for; nil once there is no socket.
    var pollable: pollfd? {
        let socket = mosquitto_socket(handle)
        guard socket >= 0 else { return nil }
        let wantsWriting = !hasReached || mosquitto_want_write(handle)
        return pollfd(fd: socket, events: Int16(wantsWriting ? POLLIN | POLLOUT : POLLIN), revents: 0)
    }

    /// Takes the result of polling.
    func take(_ polled: pollfd) {
        if Int32(polled.revents) & POLLOUT != 0 { hasReached = true }
    }

    /// Does what is possible without waiting.
    ///
    /// - Returns: what the broker did since the last call.
    /// - Throws: `MQTTFeedError` if the connection has ended, once everything before that was returned.
    func turn() throws(MQTTFeedError) -> [Happening] {
        if let failure { throw failure }
        let socketError = isAccepted ? 0 : pendingError()
        guard socketError == 0 else { throw describe(MOSQ_ERR_ERRNO.rawValue, errno: socketError) }
        let code = mosquitto_loop(handle, 0, 1)
        let number = errno
        defer { inbox.happenings = [] }
        for case .refused(let code) in inbox.happenings { throw .refused(code, by: address) }
        if code != MOSQ_ERR_SUCCESS.rawValue { failure = describe(code, errno: number) }
        if inbox.happenings.contains(.accepted) { isAccepted = true }
        return inbox.happenings
    }

    /// Publishes a message.
    ///
    /// - Returns: its number, which `acknowledged` carries once the broker has the message.
    func publish(_ message: MQTTMessage) throws(MQTTFeedError) -> Int32 {
        try publish(message.topic, Array(message.payload.utf8), isRetained: message.isRetained)
    }

    /// Publishes bytes. The number is as for a message.
    func publish(_ topic: String, _ payload: [UInt8], isRetained: Bool) throws(MQTTFeedError) -> Int32 {
        var number: Int32 = 0
        let (length, qos) = (Int32(payload.count), Int32(settings.qos))
        try check(mosquitto_publish(handle, &number, topic, length, payload, qos, isRetained))
        if qos > 0 { inbox.topics[number] = topic }
        return number
    }

    func subscribe(_ filter: String) throws(MQTTFeedError) {
        var number: Int32 = 0
        try check(mosquitto_subscribe(handle, &number, filter, 1))
        inbox.filters[number] = filter
    }

    func unsubscribe(_ filter: String) throws(MQTTFeedError) {
        try check(mosquitto_unsubscribe(handle, nil, filter))
    }

    /// Disconnects, so that the broker does not publish the will.
    func disconnect() { mosquitto_disconnect(handle) }

    // MARK: - Parts

    private func setTLS() throws(MQTTFeedError) {
        for (key, path) in [
            ("ca", settings.ca), ("client_cert", settings.clientCertificate), ("client_key", settings.clientKey),
        ] {
            guard let path else { continue }
            // The library would wait for ever for the writer of a named pipe.
            do throws(RegularFile.Fault) { _ = try RegularFile(path) } catch {
                throw MQTTFeedError("mqtt.\(key), \(path), \(error.explanation.message)")
            }
        }
        if settings.ca == nil { try check(mosquitto_int_option(handle, MOSQ_OPT_TLS_USE_OS_CERTS, 1)) }
        let (certificate, key) = (settings.clientCertificate, settings.clientKey)
        try check(mosquitto_tls_set(handle, settings.ca, nil, certificate, key, Self.noPassphrase))
    }

    private func setCallbacks() {
        mosquitto_connect_callback_set(handle) { _, inbox, code in
            BrokerConnection.inbox(inbox)?.happenings.append(code == 0 ? .accepted : .refused(code))
        }
        mosquitto_publish_v5_callback_set(handle) { _, inbox, number, reason, _ in
            guard let inbox = BrokerConnection.inbox(inbox) else { return }
            let topic = inbox.topics.removeValue(forKey: number) ?? ""
            if reason >= BrokerConnection.firstFailure {
                inbox.happenings.append(.rejected(Refusal(message: number, topic: topic, reason: reason)))
            } else {
                let hasSubscriber = reason != BrokerConnection.noSubscriber
                inbox.happenings.append(.acknowledged(number, hasSubscriber: hasSubscriber))
            }
        }
        mosquitto_subscribe_callback_set(handle) { _, inbox, number, count, granted in
            guard let inbox = BrokerConnection.inbox(inbox) else { return }
            let filter = inbox.filters.removeValue(forKey: number) ?? ""
            let answers = UnsafeBufferPointer(start: granted, count: Int(count))
            if let reason = answers.first(where: { $0 >= BrokerConnection.firstFailure }) {
                inbox.happenings.append(.rejected(Refusal(message: nil, topic: filter, reason: reason)))
            }
        }
        mosquitto_message_callback_set(handle) { _, inbox, message in
            guard let message = message?.pointee, let topic = message.topic else { return }
            let bytes = UnsafeRawBufferPointer(start: message.payload, count: Int(message.payloadlen))
            BrokerConnection.inbox(inbox)?.happenings.append(
                .message(
                    topic: String(cString: topic),
                    payload: String(decoding: bytes, as: UTF8.self),
                    isRetained: message.retain
                )
            )
        }
        mosquitto_log_callback_set(handle) { _, inbox, level, text in
            guard level == MOSQ_LOG_ERR, let text else { return }
            BrokerConnection.inbox(inbox)?.complaint = String(cString: text)
        }
    }

    /// The first of the reasons that say why something failed.
    private static let firstFailure: Int32 = 0x80
    /// The reason of a success that nobody noticed: MQTT 5, 3.4.2.1.
    private static let noSubscriber: Int32 = 0x10

    private static func inbox(_ pointer: UnsafeMutableRawPointer?) -> Inbox? {
        pointer.map { Unmanaged<Inbox>.fromOpaque($0).takeUnretainedValue() }
    }

    /// The system's error number of a failed attempt to connect; 0 for none.
    private func pendingError() -> Int32 {
        let socket = mosquitto_socket(handle)
        guard socket >= 0 else { return 0 }
        var number: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(socket, SOL_SOCKET, SO_ERROR, &number, &length) == 0 ? number : 0
    }

    private func check(_ code: Int32) throws(MQTTFeedError) {
        let number = errno
        guard code != MOSQ_ERR_SUCCESS.rawValue else { return }
        throw describe(code, errno: number)
    }

    private func describe(_ code: Int32, errno: Int32) -> MQTTFeedError {
        .failed(code, errno: errno, at: address, detail: inbox.complaint)
    }
}
