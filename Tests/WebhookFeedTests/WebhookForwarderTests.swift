import Events
import Foundation
import TestSupport
import Testing
import Text

@testable import EventFeed
@testable import WebhookFeed

/// Where delivery goes on, without a receiver.
@Suite(.ownThread) struct WebhookForwarderTests {
    /// Nothing between the mark and this start is passed over, and nothing is said against the receiver.
    @Test func aMarkThatCannotBeKeptIsNoTroubleOfTheReceiver() throws {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
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

    /// What retention dropped before its turn is counted, and delivery goes on after it.
    @Test func whatIsNoLongerKeptIsCounted() throws {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        let hub = EventHub(version: "1", streams: ["door"], historyCapacity: 10)
        for _ in 0..<25 {
            hub.publish(.stream(StreamHealth(stream: "door", state: .online, since: UTCTime(microseconds: 0))))
        }
        let server = try FeedServer(path: directory.socket, group: nil, hub: hub)
        try server.start()
        defer { server.stop() }
        let records = RecordSource(feedID: hub.feedID) { () throws(FeedError) in try server.connect() }
        // The state of a stream is not among what it wants.
        var settings = WebhookSettings()
        settings.name = "own"
        let source = WebhookFeed.Source(records, journal: nil, version: "1")
        let hook = try Webhook(settings, source: source, position: nil, startingAfter: 3) { _ in }
        try #require(hook.start())
        try blockUntil("the newest record") { hook.status.seq == 25 }
        #expect(hook.status.lost == 12)
        hook.requestStop(after: 0, within: .zero)
        hook.join()
    }
}
