import Glibc
import System
import Text

/// One run: servers, hosts and a subscriber, and what happens to them.
struct Storm {
    private let directory: String
    private let cluster: EngineCluster
    private var hosts: [Child] = []
    private let subscriber: Child
    /// The links of the first host to each server.
    private let links: [CutLink]
    /// The disk of one server, if one is to be full.
    private let disk: (server: Int, disk: SmallDisk)?
    private var generator: SplitMix64
    private let cameras: Int
    private let seconds: Double
    private let program: String
    private let patience: Duration
    private let logs: HostLogs
    private var report: StormReport
    private let began = MonotonicTime.now
    /// The records per second of each camera.
    private static let rate = 2.0

    /// - Parameters:
    ///   - server: the path of nats-server.
    ///   - program: the path of fleetload.
    ///   - directory: is made.
    ///   - seconds: the rest before each scenario.
    ///   - patience: how long each wait may take.
    init(
        server: String,
        program: String,
        directory: String,
        seed: UInt64,
        hosts: Int,
        cameras: Int,
        seconds: Double,
        scenarios: [Scenario],
        patience: Duration
    ) throws {
        mkdir(directory, 0o700)
        self.program = program
        self.directory = directory
        self.cameras = cameras
        self.seconds = seconds
        self.patience = patience
        logs = HostLogs(directory: directory)
        report = StormReport(seed: seed, scenarios: scenarios)
        if scenarios.contains(.diskFull), let refusal = SmallDisk.refusal {
            printLine("disk-full is left out: \(refusal)")
            report.scenarios.removeAll { $0 == .diskFull }
        }
        generator = SplitMix64(seed: seed)
        if report.scenarios.contains(.diskFull) {
            let server = Int(generator.next() % 3)
            disk = (server, try SmallDisk(on: EngineCluster.store(directory, server), megabytes: 512))
        } else {
            disk = nil
        }
        cluster = try EngineCluster(
            server: server,
            directory: directory,
            isSeverable: scenarios.contains(.serversApart)
        )
        links = try cluster.ports.map { try CutLink(to: $0) }
        try cluster.prepare(within: patience)
        let reading = [program, "read", directory, cluster.addresses]
        subscriber = try Child("reader", reading, output: "\(directory)/reader.out")
        for _ in 0..<hosts { try join() }
    }

    /// - Returns: what came of it, also if it broke off.
    mutating func run() -> StormReport {
        do {
            try settle()
            printLine("start: \(spread())")
            for scenario in report.scenarios {
                rest(seconds)
                try happen(scenario)
            }
            rest(seconds)
        } catch {
            add(error)
        }
        finish()
        let ledger = Ledger(directory, hosts: names)
        (report.records, report.late) = (ledger.records, ledger.late)
        report.faults += ledger.faults
        for fault in report.faults.prefix(20) { printLine("FAULT \(fault.text)") }
        printLine(
            "\(ledger.records) records, \(ledger.late) of them late, \(ledger.owners) owners, \(ledger.orphans) events"
                + " ended for lost hosts, \(report.faults.count) faults"
        )
        return report
    }

    private mutating func add(_ error: any Error) {
        report.faults.append(StormReport.Fault(kind: .other, text: "\(error)"))
    }

    // MARK: - Scenarios

    private mutating func happen(_ scenario: Scenario) throws {
        let host = hosts[Int(generator.next() % UInt64(hosts.count))]
        let start = MonotonicTime.now
        var figures = ""
        switch scenario {
        case .calm: break
        case .host:
            host.kill()
            figures = try takeover(from: host.name, by: scenario, since: start)
            try host.start()
        case .leader:
            let leader = cluster.leader()
            cluster.kill(leader)
            rest(8)
            try cluster.start(leader)
        case .hostAndLeader:
            let leader = cluster.leader()
            let start = MonotonicTime.now
            host.kill()
            cluster.kill(leader)
            figures = try takeover(from: host.name, by: scenario, since: start)
            try cluster.start(leader)
            try host.start()
        case .servers:
            for server in cluster.all { cluster.kill(server) }
            rest(30)
            for server in cluster.all { try cluster.start(server) }
        case .frozen:
            host.signal(SIGSTOP)
            figures = try takeover(from: host.name, by: scenario, since: start)
            rest(2)
            let woken = MonotonicTime.now
            host.signal(SIGCONT)
            figures += try secondWatch(of: host.name, since: woken)
        case .frozenLeader:
            let leader = cluster.leader()
            cluster.signal(leader, SIGSTOP)
            rest(10)
            cluster.signal(leader, SIGCONT)
        case .subscriber:
            for _ in 0..<4 {
                subscriber.kill()
                try subscriber.start()
                rest(0.5)
            }
        case .join: try join()
        case .cut: figures = try cut(hosts[0].name, since: start)
        case .serversApart:
            cluster.sever()
            rest(30)
            cluster.heal()
            figures = "\(logs.starts(names, since: start).count) cameras began anew"
        case .diskFull: try fillDisk()
        case .clock: try shiftClock(of: host)
        }
        try settle()
        if scenario == .join {
            let starts = logs.starts(names, since: start)
            figures = "\(starts.count { $0.reason.hasPrefix("moved") }) cameras moved"
        }
        printLine(
            "\(scenario.rawValue): \(figures); settled in \(round2((MonotonicTime.now - start).seconds)) s; \(spread())"
        )
    }

    private var names: [String] { hosts.map(\.name) }

    private mutating func cut(_ host: String, since start: Duration) throws -> String {
        let directions: [Set<CutLink.Direction>] = [[.toServer], [.toClient], [.toServer, .toClient]]
        let cut = directions[Int(generator.next() % UInt64(directions.count))]
        for link in links { link.cut(cut) }
        let figures = try takeover(from: host, by: .cut, since: start)
        rest(2)
        let healed = MonotonicTime.now
        for link in links { link.heal() }
        return figures + (try secondWatch(of: host, since: healed))
    }

    private func fillDisk() throws {
        guard let disk else { return }
        try disk.disk.fill()
        rest(10)
        // A server that could not write keeps no streams until it starts again.
        cluster.kill(disk.server)
        disk.disk.clear()
        try cluster.start(disk.server)
    }

    private mutating func shiftClock(of host: Child) throws {
        let libraries = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
            .map { "\($0)/faketime/libfaketimeMT.so.1" }
        guard let library = libraries.first(where: { access($0, R_OK) == 0 }) else {
            throw LoadError("no libfaketime: install Debian's package faketime")
        }
        let step = generator.next() % 2 == 0 ? "+3600" : "-3600"
        host.kill()
        let start = MonotonicTime.now
        // The library moves the environment of the first program that has it, beside which Swift's runtime finds its
        // arguments: so that program is another `env`. It moves the timers of timerfd as well, of which a host has
        // none: its threads sleep in nanosleep, poll and pthread_cond_timedwait.
        try host.start(by: [
            "/usr/bin/env", "LD_PRELOAD=\(library)", "FAKETIME=\(step)", "FAKETIME_DONT_FAKE_MONOTONIC=1",
            "DONT_FAKE_MONOTONIC=1", "/usr/bin/env",
        ])
        let (logs, names) = (logs, names)
        try wait("cameras of \(host.name), whose clock is off") {
            let owners = logs.owners(names)
            return logs.starts(names, since: start).contains { owners[$0.camera]?.host == host.name }
        }
    }

    private mutating func join() throws {
        let name = "host.\(hosts.count)"
        let capacity = [20, 40, 80][hosts.count % 3]
        let addresses = hosts.isEmpty ? links.map(\.address).joined(separator: ",") : cluster.addresses
        let words = [program, "host", name, directory, addresses, "\(cameras)", "\(Self.rate)", "\(capacity)"]
        hosts.append(try Child(name, words, output: "\(directory)/\(name).out"))
    }

    /// Waits until other hosts have all cameras of one.
    private mutating func takeover(from host: String, by scenario: Scenario, since start: Duration) throws -> String {
        let (logs, names) = (logs, names)
        let had = logs.owners(names).filter { $0.value.host == host }
        try wait("the takeover of \(had.count) cameras of \(host)") {
            logs.owners(names).allSatisfy { $0.value.host != host }
        }
        let starts = logs.starts(names, since: start).filter { had.keys.contains($0.camera) }
        // A camera may move on.
        let claims = Dictionary(starts.map { ($0.camera, $0.time) }, uniquingKeysWith: min)
        let times = claims.values.map { round2($0 - start.seconds) }.sorted()
        guard let first = times.first, let last = times.last else { return "\(host) had no camera" }
        report.claims.append((scenario, times))
        return "\(had.count) cameras of \(host) claimed after \(first) to \(last) s"
    }

    private mutating func secondWatch(of host: String, since start: Duration) throws -> String {
        let (logs, names) = (logs, names)
        try wait("the end of the second watch of \(host)") {
            let owners = logs.owners(names)
            return logs.watched(by: host).allSatisfy { owners[$0]?.host == host }
        }
        guard let stop = logs.lastStop(of: host), stop >= start.seconds else { return "; no second watch" }
        report.secondWatches.append(round2(stop - start.seconds))
        return "; second watch ended \(round2(stop - start.seconds)) s later"
    }

    // MARK: - Waiting

    private func rest(_ seconds: Double) { MonotonicTime.sleep(for: .seconds(seconds)) }

    /// Waits until every camera has a living host that watches it, for five seconds without a change.
    private func settle() throws {
        var last: (state: [String: HostLogs.Owner], since: Duration) = ([:], MonotonicTime.now)
        try wait("every camera to have a host") {
            let state = logs.owners(names)
            if state != last.state { last = (state, MonotonicTime.now) }
            return state.count == cameras && MonotonicTime.now - last.since >= .seconds(5)
        }
    }

    /// Ends the making of events, and waits until the subscriber has all.
    private mutating func finish() {
        let costs = hosts.map(\.cost)
        let (most, longest) = (costs.map(\.megabytes).max() ?? 0, costs.map(\.seconds).max() ?? 0)
        let age = (MonotonicTime.now - began).seconds
        printLine(
            "a host at most: \(round2(most)) MB, \(round2(longest)) s of processor, at a time of \(round2(age)) s"
        )
        let start = MonotonicTime.now
        let (directory, names) = (directory, names)
        do {
            guard let file = fopen("\(directory)/stop", "we") else { throw LoadError("cannot write \(directory)/stop") }
            fclose(file)
            try wait("every host to stop, and the subscriber to have all records") {
                let isStopped = names.allSatisfy {
                    LineFile.lines("\(directory)/\($0).status").first?.hasPrefix("1 ") ?? false
                }
                return isStopped && Ledger.missing(directory, hosts: names) <= 0
            }
        } catch {
            // The ledger names what is missing.
            add(error)
        }
        // What comes twice would come now.
        rest(2)
        printLine("all forwarded \(round2((MonotonicTime.now - start).seconds)) s after the end")
    }

    private func wait(_ what: String, until condition: () -> Bool) throws {
        let end = MonotonicTime.now + patience
        while !condition() {
            if let ended = (hosts + [subscriber]).first(where: \.hasEnded) {
                throw LoadError("\(ended.name) has ended by itself: see \(directory)/\(ended.name).out")
            }
            guard MonotonicTime.now < end else { throw LoadError("waited \(patience) in vain for \(what)") }
            rest(0.1)
        }
    }

    /// The largest load of a host by its capacity, divided by the mean.
    private func spread() -> String {
        let counts = Dictionary(grouping: logs.owners(names).values, by: \.host).mapValues(\.count)
        let capacities = hosts.indices.map { Double([20, 40, 80][$0 % 3]) }
        let mean = Double(cameras) / capacities.reduce(0, +)
        let loads = zip(hosts, capacities).map { Double(counts[$0.name] ?? 0) / $1 / mean }
        return "max ÷ mean load \(((loads.max() ?? 0) * 1000).rounded() / 1000)"
    }

    private func round2(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
