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
    private let began = MonotonicTime.now
    /// The records per second of each camera.
    private static let rate = 2.0

    /// - Parameter fillsDisk: whether a server has a disk of its own that can be filled.
    init(
        server: String,
        directory: String,
        seed: UInt64,
        hosts: Int,
        cameras: Int,
        seconds: Double,
        fillsDisk: Bool
    ) throws {
        mkdir(directory, 0o700)
        self.directory = directory
        self.cameras = cameras
        self.seconds = seconds
        generator = SplitMix64(seed: seed)
        program = CommandLine.arguments[0]
        if fillsDisk {
            let server = Int(generator.next() % 3)
            disk = (server, try SmallDisk(on: EngineCluster.store(directory, server), megabytes: 512))
        } else {
            disk = nil
        }
        cluster = try EngineCluster(server: server, directory: directory)
        links = try cluster.ports.map { try CutLink(to: $0) }
        try cluster.prepare()
        let reading = [program, "read", directory, cluster.addresses]
        subscriber = try Child("reader", reading, output: "\(directory)/reader.out")
        for _ in 0..<hosts { try join() }
    }

    /// - Returns: the number of faults.
    mutating func run(_ scenarios: [Scenario]) throws -> Int {
        try settle()
        printLine("start: \(spread())")
        for scenario in scenarios {
            rest(seconds)
            try happen(scenario)
        }
        rest(seconds)
        try finish()
        let ledger = Ledger(directory, hosts: hosts.map(\.name))
        for fault in ledger.faults.prefix(20) { printLine("FAULT \(fault)") }
        printLine(
            "\(ledger.records) records, \(ledger.late) of them late, \(ledger.owners) owners, \(ledger.orphans) events ended for"
                + " lost hosts, \(ledger.faults.count) faults"
        )
        return ledger.faults.count
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
            figures = try takeover(from: host.name, since: start)
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
            figures = try takeover(from: host.name, since: start)
            try cluster.start(leader)
            try host.start()
        case .servers:
            for server in cluster.all { cluster.kill(server) }
            rest(30)
            for server in cluster.all { try cluster.start(server) }
        case .frozen:
            host.signal(SIGSTOP)
            figures = try takeover(from: host.name, since: start)
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
        case .diskFull: try fillDisk()
        case .clock: try shiftClock(of: host)
        }
        try settle()
        if scenario == .join {
            figures = "\(starts(since: start).count { $0.reason.hasPrefix("moved") }) cameras moved"
        }
        printLine(
            "\(scenario.rawValue): \(figures); settled in \(round1((MonotonicTime.now - start).seconds)) s; \(spread())"
        )
    }

    private mutating func cut(_ host: String, since start: Duration) throws -> String {
        let directions: [Set<CutLink.Direction>] = [[.toServer], [.toClient], [.toServer, .toClient]]
        let cut = directions[Int(generator.next() % UInt64(directions.count))]
        for link in links { link.cut(cut) }
        let figures = try takeover(from: host, since: start)
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
            .map { "\($0)/faketime/libfaketime.so.1" }
        guard let library = libraries.first(where: { access($0, R_OK) == 0 }) else {
            throw LoadError("no libfaketime: install Debian's package faketime")
        }
        let step = generator.next() % 2 == 0 ? "+3600" : "-3600"
        host.kill()
        let start = MonotonicTime.now
        // The library moves the environment of the first program that has it, beside which Swift's runtime finds its
        // arguments: so that program is another `env`.
        try host.start(by: [
            "/usr/bin/env", "LD_PRELOAD=\(library)", "FAKETIME=\(step)", "FAKETIME_DONT_FAKE_MONOTONIC=1",
            "DONT_FAKE_MONOTONIC=1", "/usr/bin/env",
        ])
        try wait("cameras of \(host.name), whose clock is off") { [self] in
            starts(since: start).contains { owners()[$0.camera]?.host == host.name }
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
    private func takeover(from host: String, since start: Duration) throws -> String {
        let had = owners().filter { $0.value.host == host }
        try wait("the takeover of \(had.count) cameras of \(host)") { owners().allSatisfy { $0.value.host != host } }
        let times = starts(since: start).filter { had.keys.contains($0.camera) }.map { $0.time - start.seconds }
            .sorted()
        guard let first = times.first, let last = times.last else { return "\(host) had no camera" }
        return "\(had.count) cameras of \(host) claimed after \(round1(first)) to \(round1(last)) s"
    }

    private func secondWatch(of host: String, since start: Duration) throws -> String {
        let owned = owners()
        let had = Set(log(host).compactMap { $0["start"]?.string }).filter { owned[$0]?.host != host }
        try wait("the end of the second watch of \(host)") {
            var state: [String: Bool] = [:]
            for line in log(host) {
                if line["run"] != nil { state = [:] }
                if let camera = line["start"]?.string { state[camera] = true }
                if let camera = line["stop"]?.string { state[camera] = false }
            }
            return had.allSatisfy { state[$0] != true }
        }
        let stops = log(host).filter { $0["stop"] != nil }.compactMap { $0["time"]?.number }.filter {
            $0 >= start.seconds
        }
        return "; second watch ended \(round1((stops.max() ?? start.seconds) - start.seconds)) s later"
    }

    // MARK: - Waiting

    private func rest(_ seconds: Double) { MonotonicTime.sleep(for: .seconds(seconds)) }

    /// Waits until every camera has a living host that watches it, for five seconds without a change.
    private func settle() throws {
        var last: (state: [String: Owner], since: Duration) = ([:], MonotonicTime.now)
        try wait("every camera to have a host") {
            let state = owners()
            if state != last.state { last = (state, MonotonicTime.now) }
            return state.count == cameras && MonotonicTime.now - last.since >= .seconds(5)
        }
    }

    /// Ends the making of events, and waits until the subscriber has all.
    private func finish() throws {
        guard let file = fopen("\(directory)/stop", "we") else { throw LoadError("cannot write \(directory)/stop") }
        fclose(file)
        let costs = hosts.map(\.cost)
        let most = costs.map(\.megabytes).max() ?? 0
        printLine(
            "a host at most: \(round1(most)) MB, \(round1(costs.map(\.seconds).max() ?? 0)) s of processor, at a time of \(round1((MonotonicTime.now - began).seconds)) s"
        )
        let start = MonotonicTime.now
        let names = hosts.map(\.name)
        try? wait("the subscriber to have all records", limit: 60) {
            let isStopped = names.allSatisfy {
                LineFile.lines("\(directory)/\($0).status").first?.hasPrefix("1 ") ?? false
            }
            return isStopped && Ledger.missing(directory, hosts: names) <= 0
        }
        // What comes twice would come now.
        rest(2)
        printLine("all forwarded \(round1((MonotonicTime.now - start).seconds)) s after the end")
    }

    private func wait(_ what: String, limit: Double = 60, until condition: () -> Bool) throws {
        let end = MonotonicTime.now + .seconds(limit)
        while !condition() {
            guard MonotonicTime.now < end else { throw LoadError("waited \(limit) s in vain for \(what)") }
            rest(0.1)
        }
    }

    // MARK: - The hosts' logs

    private struct Owner: Equatable {
        var host: String
        var epoch: Int64
    }

    private struct Start {
        var camera: String
        var epoch: Int64
        var reason: String
        var time: Double
    }

    private func log(_ host: String) -> [JSONValue] {
        LineFile.lines("\(directory)/\(host).log").compactMap { try? JSONValue(parsing: String($0)) }
    }

    /// The host with the highest epoch of each camera.
    private func owners() -> [String: Owner] {
        var owners: [String: Owner] = [:]
        for host in hosts {
            for line in log(host.name) {
                guard let camera = line["start"]?.string, let epoch = line["epoch"]?.integer else { continue }
                if owners[camera].map({ $0.epoch < epoch }) ?? true {
                    owners[camera] = Owner(host: host.name, epoch: epoch)
                }
            }
        }
        return owners
    }

    private func starts(since: Duration) -> [Start] {
        hosts.flatMap { log($0.name) }.compactMap { line in
            guard let camera = line["start"]?.string, let epoch = line["epoch"]?.integer,
                let reason = line["reason"]?.string, let time = line["time"]?.number, time >= since.seconds
            else { return nil }
            return Start(camera: camera, epoch: epoch, reason: reason, time: time)
        }
    }

    /// The largest load of a host by its capacity, divided by the mean.
    private func spread() -> String {
        let counts = Dictionary(grouping: owners().values, by: \.host).mapValues(\.count)
        let capacities = hosts.indices.map { Double([20, 40, 80][$0 % 3]) }
        let mean = Double(cameras) / capacities.reduce(0, +)
        let loads = zip(hosts, capacities).map { Double(counts[$0.name] ?? 0) / $1 / mean }
        return "max ÷ mean load \(((loads.max() ?? 0) * 1000).rounded() / 1000)"
    }

    private func round1(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
