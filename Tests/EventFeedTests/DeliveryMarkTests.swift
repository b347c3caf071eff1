import Foundation
import Testing

@testable import EventFeed

/// The mark of what a receiver has, and where delivery goes on by it.
@Suite struct DeliveryMarkTests {
    @Test func theMarkIsFoundAgain() throws {
        let path = NSTemporaryDirectory() + "mark-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let content = DeliveryMark.Content(feedID: "abc", seq: 12345)
        do {
            let mark = try DeliveryMark(path: path)
            #expect(mark.found == nil)
            try mark.write(DeliveryMark.Content(feedID: "abc", seq: 1_000_000))
            try mark.write(content)
        }
        #expect(try DeliveryMark(path: path).found == content)
        #expect(try Data(contentsOf: URL(filePath: path)).count == DeliveryMark.size)
    }

    @Test(arguments: [
        "", "{", "null", #"{"feed_id":"","seq":1}"#, #"{"feed_id":"a","seq":-1}"#, #"{"feed_id":1,"seq":1}"#,
    ])
    func aMarkThatCannotBeReadIsNone(text: String) throws {
        let path = NSTemporaryDirectory() + "mark-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(text.utf8).write(to: URL(filePath: path))
        #expect(try DeliveryMark(path: path).found == nil)
    }

    @Test func twoDoNotShareAMark() throws {
        let path = NSTemporaryDirectory() + "mark-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let mark = try DeliveryMark(path: path)
        let error = #expect(throws: FeedError.self) { _ = try DeliveryMark(path: path) }
        #expect(error?.description.hasPrefix("cannot keep \(path): another process uses it; ") == true)
        _ = consume mark
        _ = try DeliveryMark(path: path)
    }

    @Test func aMarkThatCannotBeMadeSaysWhere() {
        #expect {
            _ = try DeliveryMark(path: "/nowhere/at/all-mqtt")
        } throws: { error in
            "\(error)".hasPrefix("cannot keep /nowhere/at/all-mqtt: No such file or directory; ")
        }
    }

    /// Taken for a receiver without a mark, it would miss all records before this start.
    @Test func aMarkThatCannotBeKeptIsRead() throws {
        let path = NSTemporaryDirectory() + "mark-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let held = try DeliveryMark(path: path)
        try held.write(DeliveryMark.Content(feedID: "a", seq: 7))
        let served = ServedMark(.file(path), pause: .zero)
        #expect(FeedPosition(feedID: "a", found: served.found, first: 100).seq == 7)
        #expect(throws: FeedError.self) { try served.write(FeedPosition(feedID: "a", seq: 8)) }
        _ = consume held
        // It is kept as soon as it can be, not only after the next start.
        try served.write(FeedPosition(feedID: "a", seq: 9))
        _ = consume served
        #expect(try DeliveryMark(path: path).found == DeliveryMark.Content(feedID: "a", seq: 9))
    }

    @Test func whatIsKeptNowhereBeginsAnew() throws {
        let served = ServedMark(nil)
        try served.write(FeedPosition(feedID: "a", seq: 8))
        #expect(served.found == nil)
    }

    @Test func whereItGoesOn() {
        let mark = DeliveryMark.Content(feedID: "a", seq: 7)
        #expect(FeedPosition(feedID: "a", found: mark, first: 100).seq == 7)
        // Another numbering: all of it is new.
        #expect(FeedPosition(feedID: "b", found: mark, first: 100).seq == 0)
        // Never a broker so far: what is past is not for it.
        #expect(FeedPosition(feedID: "a", found: nil, first: 100).seq == 100)
    }
}
