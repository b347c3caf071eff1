import Text

/// The engine's answer to a request.
enum EngineReply: Sendable, Equatable {
    case value(JSONValue)
    case failure(Failure)
    /// No answer came, so the request may or may not have had its effect.
    case none(String)

    struct Failure: Sendable, Equatable {
        var code: Int
        var description: String

        /// The expected sequence is not the last one: of a stored message, or of one that is on its way to the replicas.
        static let wrongSequence = [10071, 10164]
        /// The message is larger than the server or the stream takes, now and later.
        static let tooLarge = 10054
        /// A batch holds a message that the stream has already.
        static let duplicateInBatch = 10201
        static let noMessage = 10037
        static let noStream = 10059

        /// A server has less room than a stream reserves, or no server of a cluster has so much.
        var lacksStorage: Bool {
            code == 10047 || (code == 10005 && description.contains("insufficient storage"))
        }
    }

    init(_ message: EngineMessage) {
        if let status = message.status {
            self = .none(status == 503 ? "no server takes the request now" : "the server answers with status \(status)")
            return
        }
        guard let value = try? JSONValue(parsing: message.payload) else {
            self = .none("the server's answer cannot be read")
            return
        }
        if let error = value["error"] {
            let code = error["err_code"]?.integer ?? error["code"]?.integer ?? 0
            let text = error["description"]?.string ?? "no description"
            self = .failure(Failure(code: Int(clamping: code), description: text.singleLine))
        } else {
            self = .value(value)
        }
    }
}

/// What became of a publication.
enum PublishOutcome: Sendable, Equatable {
    case stored(sequence: UInt64)
    /// A message with the same identifier was stored earlier.
    case duplicate
    /// The fence holds: another message came before.
    case wrongSequence
    case refused(String)
    /// Refused for its size, and so for ever.
    case tooLarge(String)
    /// The message may still be stored.
    case unknown(String)

    /// Why the servers refuse it; nil if they do not.
    var refusal: String? { if case .refused(let reason) = self { reason } else { nil } }

    init(_ reply: EngineReply) {
        switch reply {
        case .value(let value):
            if case .bool(true)? = value["duplicate"] {
                self = .duplicate
            } else if let sequence = value["seq"]?.integer.flatMap({ UInt64(exactly: $0) }), sequence > 0 {
                self = .stored(sequence: sequence)
            } else {
                self = .unknown("the server's answer has no sequence")
            }
        case .failure(let failure) where EngineReply.Failure.wrongSequence.contains(failure.code): self = .wrongSequence
        case .failure(let failure) where failure.code == EngineReply.Failure.duplicateInBatch: self = .duplicate
        case .failure(let failure) where failure.code == EngineReply.Failure.tooLarge:
            self = .tooLarge(failure.description)
        case .failure(let failure): self = .refused(failure.description)
        case .none(let reason): self = .unknown(reason)
        }
    }
}
