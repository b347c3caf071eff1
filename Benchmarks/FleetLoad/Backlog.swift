import Events
import Fleet
import Glibc
import Synchronization
import System
import Text

/// The time in which a host that comes back brings a backlog into the stream.
enum Backlog {
    static func run(server: String, directory: String, records: Int, cameras: Int) throws {
        mkdir(directory, 0o700)
        let cluster = try EngineCluster(server: server, directory: directory)
        try cluster.prepare()
        let backlog = Mutex<[OutboxRecord]>([])
        let settled = Mutex<UInt64>(0)
        let epochs = Mutex<[String: UInt64]>([:])
        let outbox = FleetMember.Outbox(
            feedID: "backlog",
            startingAfter: 0,
            records: { number, most in backlog.withLock { OutboxPage(Array($0.dropFirst(Int(number)).prefix(most))) } },
            settled: { number in settled.withLock { $0 = number } }
        )
        let member = try FleetMember(
            EngineCluster.settings(cluster.addresses, host: "host"),
            heartbeat: Heartbeat(host: "host", run: "run", capacity: 1000, version: "load"),
            outbox: outbox
        ) { notice in
            if case .start(let camera, let epoch, _) = notice { epochs.withLock { $0[camera] = epoch } }
        }
        let names = (0..<cameras).map { "cam.\($0)" }
        member.replace(cameras: names.map { Placement.Camera(name: $0, load: 1) })
        try member.start()
        while epochs.withLock({ $0.count }) < cameras { MonotonicTime.sleep(for: .milliseconds(10)) }
        let made = epochs.withLock { epochs in
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
        let start = MonotonicTime.now
        backlog.withLock { $0 = made }
        member.recordsArrived()
        while settled.withLock({ $0 }) < UInt64(records) { MonotonicTime.sleep(for: .milliseconds(5)) }
        let seconds = (MonotonicTime.now - start).seconds
        printLine("\(records) records of \(cameras) cameras forwarded in \((seconds * 100).rounded() / 100) s")
        member.stop()
    }
}

/// The time to plan a large fleet.
enum PlanTime {
    static func run(cameras: Int, hosts: Int) {
        let cameras = (0..<cameras).map { Placement.Camera(name: "cam.\($0)", load: Double(1 + $0 % 5)) }
        let hosts = (0..<hosts).map { Placement.Host(name: "host.\($0)", capacity: [20, 40, 80][$0 % 3]) }
        var plan = Placement(cameras, on: hosts, claims: [:])
        var times: [Double] = []
        for lost in hosts {
            let start = MonotonicTime.now
            let next = Placement(cameras, on: hosts.filter { $0 != lost }, claims: plan.hosts)
            times.append((MonotonicTime.now - start).seconds * 1000)
            plan = next
        }
        times.sort()
        printLine(
            "plan of \(cameras.count) cameras on \(hosts.count) hosts without one: \(times[times.count / 2]) ms, at most \(times.last ?? 0) ms"
        )
    }
}
