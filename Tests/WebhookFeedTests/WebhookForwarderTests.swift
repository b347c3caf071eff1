import Foundation
import TestSupport
import Testing

@testable import EventFeed
@testable import WebhookFeed

/// Where delivery goes on, without a receiver.
@Suite struct WebhookForwarderTests {
    /// Nothing between the mark and this start is passed over, and nothing is said against the receiver.
    @Test func aMarkThatCannotBeKeptIsNoTroubleOfTheReceiver() throws {
        let directory = try TemporaryDirectory()
        let journal = directory.path + "/events.sqlite"
        let held = try DeliveryMark(path: "\(journal)-webhook-own")
        try held.write(DeliveryMark.Content(feedID: "a", seq: 7))
        let records = RecordSource(feedID: "a") { () throws(FeedError) in
            throw FeedError(code: .notRunning, message: "no feed", path: "")
        }
        var settings = WebhookSettings()
        settings.name = "own"
        let source = WebhookFeed.Source(records, journal: journal, version: "1")
        let hook = try Webhook(settings, source: source, position: nil, startingAfter: 100) { _ in }
        _ = WebhookForwarder(hook: hook)
        #expect(hook.status.seq == 7)
        #expect(hook.status.isHealthy)
        #expect(hook.status.reason?.contains("another process uses it") == true)
        _ = consume held
    }
}
