import Synchronization
import Testing
import Text

@testable import Fleet

/// A host's loop, which takes the answers of servers that it is not connected with.
private final class UnconnectedHost {
    private let notices: Notices
    var loop: MemberLoop

    private final class Notices: Sendable { let all = Mutex<[FleetMember.Notice]>([]) }

    init() throws {
        let notices = Notices()
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
            notices.all.withLock { $0.append(notice) }
        }
        self.notices = notices
        loop = MemberLoop(member: member, connection: try EngineConnection(settings, wakeUp: member.wakeUp))
    }

    var reported: [FleetMember.Notice] { notices.all.withLock(\.self) }
}

@Suite("What servers refuse or leave unanswered")
struct RecordTroubleTests {
    private let refused = EngineReply.failure(EngineReply.Failure(code: 10023, description: "insufficient resources"))

    @Test("a record, claim or mark that is taken after a refusal is no trouble any more")
    func matters() throws {
        let host = try UnconnectedHost()
        let stored = EngineReply.value(["stream": "KV_watchword_claims", "seq": 7, "num_pending": 1])
        let requests: [(MemberLoop.Request, String)] = [
            (.claim(camera: "gate"), "refuse a claim of gate"), (.release(camera: "gate"), "refuse a claim of gate"),
            (.mark(receiver: "mqtt"), "refuse the mark of mqtt"),
            (.consumer("claims-1", of: .claims), "refuse to show the claims"),
            (.consumer("settings-1", of: .settings), "refuse to show the settings"),
        ]
        for (request, text) in requests {
            host.loop.answer(request, with: refused)
            #expect(host.loop.status.trouble == "the fleet's servers \(text): insufficient resources")
            host.loop.answer(request, with: stored)
            #expect(host.loop.status.trouble == nil, "\(text)")
        }
        #expect(host.reported.count == requests.count)
        // Another host was faster, which is no trouble.
        let lost = EngineReply.failure(EngineReply.Failure(code: 10071, description: "wrong last sequence: 7"))
        host.loop.answer(.claim(camera: "gate"), with: lost)
        #expect(host.loop.status.trouble == nil)
    }

    @Test("a camera that is refused again and again is reported once, while another's records are stored in between")
    func twoCameras() throws {
        let host = try UnconnectedHost()
        let stored = EngineReply.value(["stream": "WATCHWORD", "seq": 7])
        let (gate, yard) = (
            "the fleet's servers refuse a record of gate: insufficient resources",
            "the fleet's servers refuse a record of yard: insufficient resources"
        )
        for _ in 0..<5 {
            host.loop.answer(.publish(camera: "gate"), with: refused)
            #expect(host.loop.status.trouble == gate)
            host.loop.answer(.publish(camera: "yard"), with: stored)
            #expect(host.loop.status.trouble == gate)
        }
        #expect(host.reported == [.trouble(gate)])

        // The status shows what is left.
        host.loop.answer(.publish(camera: "yard"), with: refused)
        #expect(host.loop.status.trouble == yard)
        host.loop.answer(.publish(camera: "yard"), with: stored)
        #expect(host.loop.status.trouble == gate)
        host.loop.answer(.publish(camera: "gate"), with: stored)
        #expect(host.loop.status.trouble == nil)
        #expect(host.reported == [.trouble(gate), .trouble(yard)])

        // What comes later is reported again.
        host.loop.answer(.publish(camera: "gate"), with: refused)
        #expect(host.reported == [.trouble(gate), .trouble(yard), .trouble(gate)])
    }
}
