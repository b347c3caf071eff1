import Text

/// Where a delivered message stands, from its reply subject.
struct DeliveryPlace: Equatable, Sendable {
    var consumer: String
    /// In the stream.
    var sequence: UInt64
    /// Among what the consumer has delivered.
    var delivery: UInt64
    /// When the stream's leader stored it.
    var time: UTCTime
    /// The messages that follow.
    var pending: UInt64

    /// Reads `$JS.ACK.STREAM.CONSUMER.TRIES.SEQUENCE.DELIVERY.TIME.PENDING`, or the form with a domain and an account before
    /// the stream; nil for other subjects.
    init?(reply: String?) {
        guard let reply, reply.hasPrefix("$JS.ACK.") else { return nil }
        let tokens = reply.split(separator: ".")
        let first = tokens.count == 9 ? 2 : 4
        guard tokens.count == 9 || tokens.count >= 11, let sequence = UInt64(tokens[first + 3]),
            let delivery = UInt64(tokens[first + 4]), let pending = UInt64(tokens[first + 6]),
            let nanoseconds = Int64(tokens[first + 5])
        else { return nil }
        consumer = String(tokens[first + 1])
        (self.sequence, self.delivery, self.pending) = (sequence, delivery, pending)
        time = UTCTime(microseconds: nanoseconds / 1000)
    }
}
