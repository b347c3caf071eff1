import Foundation
import TestSupport
import Testing
import Text

@testable import fleetload

/// Host processes, a subscriber and three real servers, some of which are killed. `make fleet-storm` runs longer ones.
@Suite("Storm", .serialized, .ownThread)
struct StormTests {
    @Test(
        "nothing is missing, nothing comes twice",
        arguments: [[Scenario.host, .subscriber], [.hostAndLeader, .frozen], [.cut, .clock, .diskFull]]
    )
    func storm(scenarios: [Scenario]) throws {
        let directory = try TemporaryDirectory()
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let candidates = [tests, CommandLine.arguments[0]].map {
            ($0 as NSString).deletingLastPathComponent + "/fleetload"
        }
        let program = try #require(candidates.first { FileManager.default.isExecutableFile(atPath: $0) })
        var storm = try Storm(
            server: try RealEngine.server,
            program: program,
            directory: directory.path + "/storm",
            seed: 1,
            hosts: 3,
            cameras: 12,
            seconds: 1,
            scenarios: scenarios,
            patience: patience
        )
        let report = storm.run()
        #expect(report.faults.isEmpty, "\(report.faults)")
        #expect(report.records > 0)
    }

    @Test("a writer goes on after the last whole line, also where lines are empty or no UTF-8")
    func brokenLine() throws {
        let directory = try TemporaryDirectory()
        let url = URL(filePath: directory.path + "/lines")
        let whole = Data("one\n\ntwo ".utf8) + Data([0xFF, 0x0A])
        try (whole + Data("a part".utf8)).write(to: url)
        try LineFile(url.path).add("three")
        #expect(try Data(contentsOf: url) == whole + Data("three\n".utf8))
        #expect(LineFile.lines(url.path).count == 3)
    }

    @Test("the reports of storms are summed up")
    func summary() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/reports"
        var report = StormReport(seed: 1, scenarios: [.host, .cut])
        report.claims = [(.host, [3.5, 3.1]), (.cut, [3.25])]
        (report.records, report.late, report.secondWatches) = (1000, 3, [0.5])
        report.faults = [StormReport.Fault(kind: .missing, text: "one is missing")]
        let file = try LineFile(path)
        file.add(report.line.text)
        report.claims = [(.host, (0..<97).map { _ in 4 } + [5])]
        report.faults = []
        file.add(report.line.text)
        #expect(
            try StormSummary.text(path) == """
                2 storms of 2 kinds: cut, host
                                         times  cameras    p50 s    p99 s    max s
                host → claim                 2      100     4.00     4.00     5.00
                cut → claim                  1        1     3.25     3.25     3.25
                end of a second watch        2              0.50     0.50     0.50
                2000 records, 6 of them late: 1 missing, 0 doubled, 0 disordered, 0 other
                """
        )
    }
}
