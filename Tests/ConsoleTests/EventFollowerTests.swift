import EventFeed
import Events
import TestSupport
import Testing
import Text

@testable import Console

/// A subscription that outlives its server.
@Suite(.ownThread) struct EventFollowerTests {
    /// After a reconnection only what was lost since is a gap.
    @Test func aGapIsHandedOutOnce() throws {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        let hub = EventHub(version: "1", streams: ["door"], historyCapacity: 10)
        func publish(_ count: Int) {
            for _ in 0..<count {
                hub.publish(.stream(StreamHealth(stream: "door", state: .online, since: UTCTime(microseconds: 0))))
            }
        }
        publish(25)
        // Nothing of what is kept passes, so that only the gap says how far it has come.
        var filter = EventFilter()
        filter.since = 3
        filter.streams = ["gate"]
        let first = try FeedServer(path: directory.socket, group: nil, hub: hub)
        try first.start()
        let follower = try EventFollower(path: directory.socket, filter: filter)
        #expect(try gap(follower) == 4...15)
        first.stop()
        publish(1)
        let second = try FeedServer(path: directory.socket, group: nil, hub: hub)
        try second.start()
        defer { second.stop() }
        #expect(try gap(follower) == 16...16)
    }

    private func gap(_ follower: EventFollower) throws -> ClosedRange<UInt64> {
        while true {
            if case .message(.gap(let lost), _) = try follower.next(within: patience) { return lost }
        }
    }
}
