import System

/// Whether records wait for Home Assistant after a broken connection. Pure.
///
/// The broker keeps no session for Home Assistant: what is published before it has subscribed again never reaches it, and
/// it may come back later than the daemon. A broker of MQTT 5 says whether an announcement had a subscriber, and Home
/// Assistant announces itself once it has subscribed to everything.
struct HomeAssistantPresence {
    /// How long records wait while there is a connection: long enough for a machine that runs the broker and Home Assistant to
    /// start.
    static let patience = Duration.seconds(60)

    /// It was there on an earlier connection, or is now.
    private var isExpected = false
    private var waitEnds: Instant?
    /// What is left of the wait. A connection that breaks again does not begin it anew.
    private var left = patience
    /// The numbers of the announcements that the broker has not answered.
    private var unanswered: Set<Int32> = []

    var isAwaited: Bool { waitEnds != nil }

    /// The broker has accepted a connection.
    mutating func accepted(at now: Instant) {
        waitEnds = isExpected ? now + left : nil
        unanswered = []
    }

    /// The entities were announced by the messages with these numbers.
    mutating func announced(as numbers: [Int32]) { unanswered.formUnion(numbers) }

    /// The broker has answered a message.
    mutating func acknowledged(_ number: Int32, hasSubscriber: Bool) {
        if unanswered.remove(number) != nil, hasSubscriber { found() }
    }

    /// It has subscribed to what it needs.
    mutating func found() {
        isExpected = true
        waitEnds = nil
        left = Self.patience
    }

    /// Ends the wait once its time is over. The next connection does not wait for one that did not come back.
    mutating func tick(at now: Instant) {
        guard let end = waitEnds else { return }
        left = end - now
        guard left < .zero else { return }
        isExpected = false
        waitEnds = nil
    }
}
