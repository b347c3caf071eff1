import Foundation
import Text

/// The reports of many storms as one table.
enum StormSummary {
    /// - Parameter path: of a file with the line of each storm.
    static func text(_ path: String) throws -> String {
        let reports = try LineFile.lines(path).map { line in
            do { return try JSONValue(parsing: String(line)) } catch { throw LoadError("\(path): \(error)") }
        }
        guard !reports.isEmpty else { throw LoadError("\(path) has no report of a storm") }
        var rows = [["", "times", "cameras", "p50 s", "p99 s", "max s"]]
        for scenario in Scenario.allCases {
            let claims = reports.flatMap { $0["claims"]?.array ?? [] }.filter {
                $0["scenario"]?.string == scenario.rawValue
            }
            let times = claims.flatMap { numbers($0["seconds"]) }
            guard !times.isEmpty else { continue }
            rows.append(["\(scenario.rawValue) → claim", "\(claims.count)", "\(times.count)"] + quantiles(times))
        }
        let watches = reports.flatMap { numbers($0["second_watches"]) }
        if !watches.isEmpty { rows.append(["end of a second watch", "\(watches.count)", ""] + quantiles(watches)) }
        let kinds = Set(reports.flatMap { $0["scenarios"]?.array ?? [] }.compactMap(\.string))
        func sum(_ key: String) -> Int64 { reports.reduce(0) { $0 + ($1[key]?.integer ?? 0) } }
        let faults = StormReport.Fault.Kind.allCases.map { "\(sum($0.rawValue)) \($0.rawValue)" }
        let head = "\(reports.count) storms of \(kinds.count) kinds: \(kinds.sorted().joined(separator: ", "))"
        let tail = "\(sum("records")) records, \(sum("late")) of them late: \(faults.joined(separator: ", "))"
        return ([head] + table(rows) + [tail]).joined(separator: "\n")
    }

    private static func numbers(_ value: JSONValue?) -> [Double] { (value?.array ?? []).compactMap(\.number) }

    /// The least times that 50, 99 and 100 % do not exceed.
    private static func quantiles(_ times: [Double]) -> [String] {
        let times = times.sorted()
        return [0.5, 0.99, 1].map { share in
            String(format: "%.2f", times[Int((Double(times.count) * share).rounded(.up)) - 1])
        }
    }

    private static func table(_ rows: [[String]]) -> [String] {
        let width = rows.map { $0[0].count }.max() ?? 0
        return rows.map { row in
            row[0].padding(toLength: width, withPad: " ", startingAt: 0)
                + row.dropFirst().map { String(repeating: " ", count: max(1, 9 - $0.count)) + $0 }.joined()
        }
    }
}
