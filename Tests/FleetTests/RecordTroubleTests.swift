import Synchronization
import Testing
import Text

@testable import Fleet

/// A host's loop, which takes the answers of servers that it is not connected with.
@Suite("What keeps records from the servers")
struct RecordTroubleTests {
    @Test("a camera that is refused again and again is reported once, while another's records are stored in between")
    func twoCameras() throws {
        let notices = Mutex<[FleetMember.Notice]>([])
        let settings = FleetSettings(servers: ["nats://127.0.0.1:1"], host: "here")
        let member = try FleetMember(
            settings,
            heartbeat: Heartbeat(host: "here", run: "run", capacity: 10, version: "1"),
            outbox: FleetMember.Outbox(
                feedID: "feed",
                startingAfter: 0,
                records: { _, _ in OutboxPage([]) },
                settled: { _ in }
            )
        ) { notice in
            notices.withLock { $0.append(notice) }
        }
        func reported() -> [FleetMember.Notice] { notices.withLock(\.self) }
        var loop = MemberLoop(member: member, connection: try EngineConnection(settings, wakeUp: member.wakeUp))
        let refused = EngineReply.failure(EngineReply.Failure(code: 10023, description: "insufficient resources"))
        let stored = EngineReply.value(["stream": "WATCHWORD", "seq": 7])
        let (gate, yard) = (
            "the fleet's servers refuse a record of gate: insufficient resources",
            "the fleet's servers refuse a record of yard: insufficient resources"
        )
        for _ in 0..<5 {
            loop.answer(.publish(camera: "gate"), with: refused)
            #expect(loop.status.trouble == gate)
            loop.answer(.publish(camera: "yard"), with: stored)
            #expect(loop.status.trouble == gate)
        }
        #expect(reported() == [.trouble(gate)])

        // The status shows what is left.
        loop.answer(.publish(camera: "yard"), with: refused)
        #expect(loop.status.trouble == yard)
        loop.answer(.publish(camera: "yard"), with: stored)
        #expect(loop.status.trouble == gate)
        loop.answer(.publish(camera: "gate"), with: stored)
        #expect(loop.status.trouble == nil)
        #expect(reported() == [.trouble(gate), .trouble(yard)])

        // What comes later is reported again.
        loop.answer(.publish(camera: "gate"), with: refused)
        #expect(reported() == [.trouble(gate), .trouble(yard), .trouble(gate)])
    }
}
