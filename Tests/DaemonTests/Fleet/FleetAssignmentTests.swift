import Fleet
import Testing

@testable import Daemon

@Suite struct FleetAssignmentTests {
    @Test func noticesAddUp() {
        var assignment = FleetAssignment()
        let first = [
            FleetMember.Notice.configuration(text: "streams: []", revision: 3), .prepare(camera: "gate", from: "other"),
            .start(camera: "door", epoch: 4, reason: .unclaimed),
        ].map { assignment.take($0) }
        #expect(first == [true, true, true])
        #expect(assignment.cameras == ["gate", "door"])
        let moved = assignment.take(.start(camera: "gate", epoch: 5, reason: .moved(from: "other")))
        #expect(moved && assignment.prepared.isEmpty)
        #expect(assignment.claims == ["door": 4, "gate": 5])
        let stopped = assignment.take(.stop(camera: "door", owner: "other"))
        #expect(stopped && assignment.cameras == ["gate"])
        #expect(assignment.configuration?.revision == 3)
    }

    @Test func whatChangesNothingIsNoNews() {
        var assignment = FleetAssignment()
        for notice: FleetMember.Notice in [
            .connected, .trouble("t"), .late(camera: "a"), .sameName, .draining(true), .ended(camera: "a", event: "e"),
            .abandon(camera: "a"), .stop(camera: "a", owner: nil),
        ] {
            let isNews = assignment.take(notice)
            #expect(!isNews, "\(notice)")
        }
    }

    /// Between two claims of one host another host may have had the camera.
    @Test func aCameraUnderAnotherClaimIsReclaimed() {
        var before = FleetAssignment()
        for (camera, epoch) in [("kept", UInt64(1)), ("regained", 2), ("lost", 3), ("prepared", 4)] {
            _ = before.take(.start(camera: camera, epoch: epoch, reason: .own))
        }
        var after = before
        _ = after.take(.stop(camera: "regained", owner: "other"))
        _ = after.take(.start(camera: "regained", epoch: 9, reason: .unclaimed))
        _ = after.take(.stop(camera: "lost", owner: "other"))
        _ = after.take(.start(camera: "fresh", epoch: 10, reason: .unclaimed))
        // It runs on, unreported.
        _ = after.take(.stop(camera: "prepared", owner: "other"))
        _ = after.take(.prepare(camera: "prepared", from: "other"))
        #expect(after.reclaimed(since: before) == ["regained", "prepared"])
    }
}
