import System

/// How long one record is offered that may itself be the trouble. After a day it is given up, so that it does not hold up all
/// others.
struct WebhookPatience {
    private static let limit = Duration.seconds(86_400)

    private var begin: Instant?

    /// Whether the record is to be given up, now that it was answered so again.
    mutating func ends(at now: Instant) -> Bool {
        let begin = begin ?? now
        self.begin = begin
        return now - begin > Self.limit
    }
}
