import Events
import Fleet
import Glibc
import Synchronization
import System
import Text

/// A host that comes back with a backlog: how fast it brings that into the stream, and whether the stream then has each
/// record once and in order.
struct Backlog {
    let directory: String
    let records: Int
    let cameras: Int
    /// How often the stream's leader is killed meanwhile.
    let kills: Int
    /// How long each wait may take.
    let patience: Duration

    private final class Journal: Sendable {
        let records = Mutex<[OutboxRecord]>([])
        let settled = Mutex<UInt64>(0)
        let epochs = Mutex<[String: UInt64]>([:])

        var outbox: FleetMember.Outbox {
            FleetMember.Outbox(
                feedID: "backlog",
                startingAfter: 0,
                records: { [self] number, most in
                    records.withLock { OutboxPage(Array($0.dropFirst(Int(number)).prefix(most))) }
                },
                settled: { [self] number in settled.withLock { $0 = number } }
            )
        }

        var count: Int { settled.withLock { Int($0) } }
    }

    /// - Returns: what is wrong with the stream, one line each.
    func run(server: String) throws -> [String] {
        mkdir(directory, 0o700)
        let cluster = try EngineCluster(server: server, directory: directory)
        try cluster.prepare(within: patience)
        let journal = Journal()
        let member = try FleetMember(
            EngineCluster.settings(cluster.addresses, host: "host"),
            heartbeat: Heartbeat(host: "host", run: "run", capacity: 1000, version: "load"),
            outbox: journal.outbox
        ) { notice in
            if case .start(let camera, let epoch, _) = notice { journal.epochs.withLock { $0[camera] = epoch } }
        }
        defer { member.stop() }
        let names = (0..<cameras).map { "cam.\($0)" }
        member.replace(cameras: names.map { Placement.Camera(name: $0, load: 1) })
        try member.start()
        while journal.epochs.withLock({ $0.count }) < cameras { MonotonicTime.sleep(for: .milliseconds(10)) }
        let made = made(names, epochs: journal.epochs.withLock(\.self))
        let start = MonotonicTime.now
        journal.records.withLock { $0 = made }
        member.recordsArrived()
        for kill in 0..<kills {
            try wait { journal.count > records * (kill + 1) / (kills + 1) }
            let leader = cluster.leader()
            cluster.kill(leader)
            MonotonicTime.sleep(for: .seconds(1))
            try cluster.start(leader)
        }
        try wait { journal.count >= records }
        let seconds = (MonotonicTime.now - start).seconds
        printLine("\(records) records of \(cameras) cameras forwarded in \((seconds * 100).rounded() / 100) s")
        return try faults(made, EngineClient(cluster.settings))
    }

    private func wait(until condition: () -> Bool) throws {
        let end = MonotonicTime.now + patience
        while !condition() {
            guard MonotonicTime.now < end else { throw LoadError("the backlog is not forwarded after \(patience)") }
            MonotonicTime.sleep(for: .milliseconds(5))
        }
    }

    private func made(_ names: [String], epochs: [String: UInt64]) -> [OutboxRecord] {
        (1...UInt64(records)).map { number in
            let camera = names[Int(number) % cameras]
            return OutboxRecord(
                number: number,
                camera: camera,
                epoch: epochs[camera] ?? 0,
                body: LoadHost.event("\(number)", of: camera).under(epochs[camera]).line(seq: number).text
            )
        }
    }

    /// Holds the stream against what was made.
    private func faults(_ made: [OutboxRecord], _ client: EngineClient) throws -> [String] {
        var found: [String: [String]] = [:]
        var reader = FleetReader(client, after: 0)
        var isComplete = false
        while !isComplete {
            for reading in try reader.next(within: .seconds(1)) {
                if case .caughtUp = reading { isComplete = true }
                guard case .record(_, let line) = reading, let value = try? JSONValue(parsing: line),
                    value["type"] == "event", let camera = value["stream"]?.string, let id = value["id"]?.string
                else { continue }
                found[camera, default: []].append(id)
            }
        }
        let wanted = Dictionary(grouping: made, by: \.camera).mapValues { $0.map { String($0.number) } }
        return wanted.sorted { $0.key < $1.key }.compactMap { camera, wanted in
            let found = found[camera] ?? []
            guard found != wanted else { return nil }
            let place = zip(found, wanted).prefix { $0 == $1 }.count
            return "\(camera): \(found.count) records of \(wanted.count), which differ from number \(place) on"
        }
    }
}
