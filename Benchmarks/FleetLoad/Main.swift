import Glibc
import Text

/// `fleetload storm SERVER DIR SEED HOSTS CAMERAS SECONDS SCENARIO…` runs a fleet of host processes on three real
/// servers in DIR, lets the scenarios happen to it, and holds what subscribers got against what hosts recorded.
/// SERVER is the path of nats-server. A line of JSON with what came of it is in DIR/report, and `fleetload summary
/// FILE` adds up such lines.
///
/// `fleetload backlog SERVER DIR RECORDS CAMERAS [KILLS]` measures how fast a host forwards records that have waited, while
/// the stream's leader is killed KILLS times, and `fleetload plan CAMERAS HOSTS` how long the plan of a fleet takes.
///
/// The storm starts the others: `fleetload host …` is a host without cameras that makes up events, and `fleetload read …`
/// a subscriber.
@main
enum Main {
    static func main() {
        do { try run(Array(CommandLine.arguments.dropFirst())) } catch {
            printLine("fleetload: \(error)", to: 2)
            exit(1)
        }
    }

    /// Ends a run that hangs.
    private static let patience = Duration.seconds(600)

    private static func run(_ arguments: [String]) throws {
        switch arguments.first {
        case "host":
            guard arguments.count == 7, let cameras = Int(arguments[4]), let rate = Double(arguments[5]),
                let capacity = Double(arguments[6])
            else { usage() }
            try LoadHost.run(
                name: arguments[1],
                directory: arguments[2],
                servers: arguments[3],
                cameras: cameras,
                rate: rate,
                capacity: capacity
            )
        case "read":
            guard arguments.count == 3 else { usage() }
            try LoadReader.run(directory: arguments[1], servers: arguments[2])
        case "backlog":
            guard 5...6 ~= arguments.count, let records = Int(arguments[3]), let cameras = Int(arguments[4]),
                let kills = arguments.count == 6 ? Int(arguments[5]) : 0, records > 0, cameras > 0, kills >= 0
            else { usage() }
            let backlog = Backlog(
                directory: arguments[2],
                records: records,
                cameras: cameras,
                kills: kills,
                patience: patience
            )
            let faults = try backlog.run(server: arguments[1])
            for fault in faults.prefix(20) { printLine("FAULT \(fault)") }
            if !faults.isEmpty { exit(1) }
        case "plan":
            guard arguments.count == 3, let cameras = Int(arguments[1]), let hosts = Int(arguments[2]), cameras > 0,
                hosts > 1
            else { usage() }
            PlanTime.run(cameras: cameras, hosts: hosts)
        case "storm":
            guard arguments.count >= 8, let seed = UInt64(arguments[3]), let hosts = Int(arguments[4]),
                let cameras = Int(arguments[5]), let seconds = Double(arguments[6])
            else { usage() }
            let scenarios = arguments[7...].map(Scenario.init)
            guard scenarios.allSatisfy({ $0 != nil }) else { usage() }
            var storm = try Storm(
                server: arguments[1],
                program: CommandLine.arguments[0],
                directory: arguments[2],
                seed: seed,
                hosts: hosts,
                cameras: cameras,
                seconds: seconds,
                scenarios: scenarios.compactMap(\.self),
                patience: patience
            )
            let report = storm.run()
            try LineFile("\(arguments[2])/report").add(report.line.text)
            if !report.faults.isEmpty { exit(1) }
        case "summary":
            guard arguments.count == 2 else { usage() }
            printLine(try StormSummary.text(arguments[1]))
        default: usage()
        }
    }

    private static func usage() -> Never {
        let scenarios = Scenario.allCases.map(\.rawValue).joined(separator: " | ")
        printLine(
            """
            usage: fleetload storm SERVER DIR SEED HOSTS CAMERAS SECONDS SCENARIO…
                   fleetload summary FILE
                   fleetload backlog SERVER DIR RECORDS CAMERAS [KILLS]
                   fleetload plan CAMERAS HOSTS
            SCENARIO: \(scenarios)
            """,
            to: 2
        )
        exit(2)
    }
}

/// Writes a line without buffering.
func printLine(_ line: String, to descriptor: Int32 = 1) {
    let bytes = Array((line + "\n").utf8)
    _ = write(descriptor, bytes, bytes.count)
}
