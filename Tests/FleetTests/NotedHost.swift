import Synchronization
import TestSupport

@testable import Fleet

/// A host without records that keeps what its member reports. Its cameras open at once.
final class NotedHost: Sendable {
    private final class Notices: Sendable {
        let all = Mutex<[FleetMember.Notice]>([])
        let member = Mutex<FleetMember?>(nil)
    }

    let member: FleetMember
    private let notices: Notices

    init(_ settings: FleetSettings, _ cameras: String...) throws {
        let outbox = FleetMember.Outbox(
            feedID: "feed of \(settings.host)",
            startingAfter: 0,
            records: { _, _ in OutboxPage([]) },
            settled: { _ in }
        )
        let heartbeat = Heartbeat(host: settings.host, run: "run", capacity: 10, version: "1")
        let notices = Notices()
        member = try FleetMember(settings, heartbeat: heartbeat, outbox: outbox) { notice in
            notices.all.withLock { $0.append(notice) }
            if case .prepare(let camera, _) = notice { notices.member.withLock { $0?.ready(camera) } }
        }
        self.notices = notices
        notices.member.withLock { [member] in $0 = member }
        member.replace(cameras: cameras.map { Placement.Camera(name: $0, load: 1) })
        try member.start()
    }

    deinit { notices.member.withLock { $0 = nil } }

    func wait(for notice: FleetMember.Notice) throws {
        try blockUntil("\(notice)") { notices.all.withLock { $0.contains(notice) } }
    }
}
