import HTTP

/// What an attempt to deliver a record came to.
enum WebhookVerdict: Equatable {
    case delivered
    /// The receiver does not take this record, and would not take it later either.
    case refused(String)
    /// To be tried again.
    ///
    /// - Parameters:
    ///   - reason: for people.
    ///   - wait: what the receiver asks for.
    ///   - mayConcernRecord: whether the receiver may refuse this record for ever.
    case later(reason: String, wait: Duration?, mayConcernRecord: Bool)
    case cancelled

    /// The receiver has answered.
    ///
    /// Answers that no later attempt changes refuse the record, so that it holds up no other. Wrong credentials and faults of
    /// the receiver are waited out, since nothing is wrong with the record.
    init(status: Int, retryAfter: Duration?) {
        let answer = "answers \(status)"
        switch status {
        case 200..<300: self = .delivered
        case 401, 403, 407:
            let remedy = "check the credentials in its url and headers"
            self = .later(reason: "\(answer): \(remedy)", wait: retryAfter, mayConcernRecord: true)
        case 408, 425, 429, 502...599: self = .later(reason: answer, wait: retryAfter, mayConcernRecord: false)
        case 500, 501: self = .later(reason: answer, wait: retryAfter, mayConcernRecord: true)
        case 300..<400: self = .refused("\(answer), a redirection: set its url to the new place")
        case 404, 405, 410: self = .refused("\(answer): check its url")
        default: self = .refused("\(answer): check its template and headers")
        }
    }

    /// There was no answer.
    init(_ failure: HTTPTransfer.Failure) {
        switch failure.kind {
        case .cancelled: self = .cancelled
        case .timedOut: self = .later(reason: "does not answer in time", wait: nil, mayConcernRecord: false)
        case .connection, .unsafe, .rangeRefused, .receiver:
            self = .later(reason: "cannot be reached: \(failure.reason)", wait: nil, mayConcernRecord: false)
        }
    }
}
