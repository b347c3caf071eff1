import EventFeed
import Foundation
import Testing

@testable import MQTTFeed

@Suite struct DeliveryTests {
    @Test func aRecordIsDeliveredWithAllBeforeIt() {
        var ledger = DeliveryLedger(acknowledged: 4)
        ledger.add(5, messages: [10, 11])
        ledger.add(7, messages: [12])
        #expect(ledger.count == 2)
        #expect(ledger.seqLast == 7)
        ledger.acknowledge(12)
        #expect(ledger.acknowledged == 4)
        ledger.acknowledge(11)
        #expect(ledger.acknowledged == 4)
        ledger.acknowledge(10)
        #expect(ledger.acknowledged == 7)
        #expect(ledger.count == 0)
    }

    @Test func whatIsNotToldIsDeliveredInItsTurn() {
        var ledger = DeliveryLedger(acknowledged: 0)
        ledger.add(1, messages: [])
        #expect(ledger.acknowledged == 1)
        ledger.add(2, messages: [1])
        ledger.add(3, messages: [])
        #expect(ledger.acknowledged == 1)
        ledger.acknowledge(99)
        ledger.acknowledge(1)
        ledger.acknowledge(1)
        #expect(ledger.acknowledged == 3)
    }

    /// The library opens the file itself, and would wait for the pipe's writer.
    @Test func aCertificateThatIsAPipeIsSaid() throws {
        let path = NSTemporaryDirectory() + "pipe-\(UUID().uuidString)"
        try #require(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        var settings = MQTTSettings()
        settings.url = "mqtts://127.0.0.1"
        settings.ca = path
        let will = MQTTMessage(topic: "t", payload: "p", isRetained: false)
        let error = #expect(throws: MQTTFeedError.self) {
            _ = try BrokerConnection(settings, version: .v5, clientID: "c", will: will)
        }
        #expect(error?.description == "mqtt.ca, \(path), is not a regular file")
    }

    @Test(arguments: [
        (1, "speaks neither MQTT 5 nor MQTT 3.1.1"), (4, "check mqtt.username and mqtt.password"),
        (5, "check mqtt.username"), (0x84, "use a newer one"),
        (0x85, "mqtt.client_id"), (0x86, "check mqtt.username"), (0x87, "check mqtt.username"), (0x88, "not ready"),
    ])
    func aRefusalSaysWhatToDo(code: Int32, words: String) throws {
        let address = try #require(MQTTAddress("mqtt://a:1"))
        let text = MQTTFeedError.refused(code, by: address).description
        #expect(text.hasPrefix("the MQTT broker a:1 refuses the connection: "))
        #expect(text.contains(words))
    }

    /// The error number of the call, not one that a later call has left behind.
    @Test func aFailedCallSaysWhy() throws {
        let address = try #require(MQTTAddress("mqtt://a:1"))
        // MOSQ_ERR_ERRNO.
        let error = MQTTFeedError.failed(14, errno: ECONNREFUSED, at: address, detail: nil)
        #expect(error.description.hasPrefix("no connection with the MQTT broker a:1: Connection refused; "))
    }

    /// The metric of the records that wait would count all that there ever were.
    @Test func whatTheBrokerHasIsKnownBeforeItAnswers() throws {
        var settings = MQTTSettings()
        settings.url = "mqtt://127.0.0.1:1"
        let records = RecordSource(feedID: "a") { () throws(FeedError) in
            throw FeedError(code: .notRunning, message: "no feed", path: "")
        }
        let source = MQTTFeed.Source(records, startingAfter: 41, mark: nil)
        let feed = try MQTTFeed(settings, source: source, streams: [], version: "1") { _ in }
        _ = FeedForwarder(feed: feed)
        #expect(feed.status.seqAcknowledged == 41)
    }
}
