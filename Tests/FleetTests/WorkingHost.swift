import Synchronization
import TestSupport

@testable import Fleet

/// A host that records one event as soon as it has its camera.
final class WorkingHost: Sendable {
    let member: FleetMember

    init(_ settings: FleetSettings, camera: String) throws {
        let records = Mutex<[OutboxRecord]>([])
        let outbox = FleetMember.Outbox(
            feedID: "feed",
            startingAfter: 0,
            records: { number, most in records.withLock { OutboxPage(Array($0.dropFirst(Int(number)).prefix(most))) } },
            settled: { _ in }
        )
        let heartbeat = Heartbeat(host: settings.host, run: "run", capacity: 10, version: "1")
        member = try FleetMember(settings, heartbeat: heartbeat, outbox: outbox) { notice in
            guard case .start(_, let epoch, _) = notice else { return }
            let record = OutboxRecord(number: 1, camera: camera, epoch: epoch, body: #"{"type":"event"}"#)
            records.withLock { $0 = [record] }
        }
        member.replace(cameras: [Placement.Camera(name: camera, load: 1)])
        try member.start()
    }
}
