import Fleet
import System

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
