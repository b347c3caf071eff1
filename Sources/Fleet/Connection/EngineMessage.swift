import CNATS

/// A message from the engine.
struct EngineMessage: Sendable, Equatable {
    var subject: String
    var reply: String?
    var headers: [String: String] = [:]
    var payload: [UInt8] = []
}

extension EngineMessage {
    /// The headers that the fleet reads.
    enum Header {
        static let status = "Status"
        static let expected = "Nats-Expected-Last-Subject-Sequence"
        static let expectedSubject = "Nats-Expected-Last-Subject-Sequence-Subject"
        static let messageID = "Nats-Msg-Id"
        /// Which batch the message is part of, and its place in it, from 1.
        static let batch = "Nats-Batch-Id"
        static let batchPlace = "Nats-Batch-Sequence"
        static let batchCommit = "Nats-Batch-Commit"
        static let operation = "KV-Operation"
        static let epoch = "Watchword-Epoch"
        static let number = "Watchword-Number"
        static let feed = "Watchword-Feed"
        static let open = "Watchword-Open"
        static let health = "Watchword-Health"
        /// The version of the program that wrote the fleet's configuration.
        static let version = "Watchword-Version"

        static let read = [status, operation, epoch, number, feed, open, health, version]
    }

    /// A status of the engine in place of a message, such as 503 when nothing answers.
    var status: Int? { headers[Header.status].flatMap { Int($0) } }

    /// Whether a consumer delivers it. Such a message has the subject that it has in the stream.
    var isDelivery: Bool { reply?.hasPrefix("$JS.ACK.") ?? false }

    /// The messages as the engine takes them: several are a batch, which it stores as a whole or not at all.
    ///
    /// - Parameters:
    ///   - name: names the batch; no other one has it.
    ///   - reply: the subject of the one answer.
    static func batch(_ messages: [EngineMessage], named name: String, reply: String) -> [EngineMessage] {
        messages.enumerated().map { place, message in
            let isLast = place == messages.count - 1
            var message = message
            if messages.count > 1 {
                message.headers[Header.batch] = name
                message.headers[Header.batchPlace] = String(place + 1)
                if isLast { message.headers[Header.batchCommit] = "1" }
            }
            if isLast { message.reply = reply }
            return message
        }
    }

    /// Copies a message of the library.
    init(_ message: OpaquePointer) {
        subject = cnats_message_subject(message).map { String(cString: $0) } ?? ""
        reply = cnats_message_reply(message).map { String(cString: $0) }
        var length: Int32 = 0
        if let bytes = cnats_message_payload(message, &length), length > 0 {
            payload = Array(UnsafeRawBufferPointer(start: bytes, count: Int(length)))
        }
        for name in Header.read {
            if let value = cnats_message_header(message, name) { headers[name] = String(cString: value) }
        }
    }
}
