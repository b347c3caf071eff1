import Events
import Foundation
import Testing
import Text

/// The live page in a real browser.
@Suite(.serialized) struct PageTests {
    @Test func itLoadsFollowsTriesThresholdsAndSurvivesARestart() async throws {
        try await TemporaryDirectory.with { directory in
            let port = try TCPPort.free()
            let stream = DaemonProcess.stream("live", DaemonProcess.picture)
            let http = "http:\n  listen: 127.0.0.1:\(port)\n"
            let file = try DaemonProcess.configuration(stream + http, in: directory)
            let cases = try directory.write(Self.cases(), to: "rules.json")
            try await ChildProcess.with(
                "/usr/bin/python3",
                [Tree.browserTest, try Program.path(), file, cases],
                environment: Program.environment([:]),
                in: directory,
                name: "browser"
            ) { browser in
                let ending = try await browser.finish()
                try #require(ending == .exit(0), "\(browser.errors)")
                let report = try JSONValue(parsing: browser.output.trimmingCharacters(in: .newlines))
                print("the page: \(browser.output)", terminator: "")
                // Times are for people to read. What makes the page quick is counted.
                for time in ["load_ms", "event_delay_ms", "live_again_s"] { #expect(report[time]?.number != nil) }
                #expect(try #require(report["load_requests"]?.integer) <= 12)
                #expect(try #require(report["load_bytes"]?.integer) < 100_000)
            }
        }
    }

    /// Another site's page shows the live page in a frame if it is named, as Home Assistant's web page card does.
    @Test func onlyNamedSitesFrameIt() async throws {
        try await TemporaryDirectory.with { directory in
            let port = try TCPPort.free()
            let stream = DaemonProcess.stream("live", DaemonProcess.picture)
            let ancestors = "  frame_ancestors: [\"http://127.0.0.1:\(port)\"]\n"
            try await WebDaemon.with(stream, http: ancestors, in: directory) { web in
                try await tool("/usr/bin/python3", [Tree.frameTest, "\(port)", web.base + "/"], in: directory)
            }
        }
    }

    /// Random scores under random rules, with the events that the daemon's state machine makes of them, and with the rules at
    /// another threshold. Times are whole quarters of seconds, which both sides add without rounding.
    private static func cases() -> String {
        let cases = (0..<200).map { _ in
            let threshold = Double.random(in: 0.3...0.8)
            let quarters = { (range: ClosedRange<Int>) in Double(Int.random(in: range)) / 4 }
            let rules = (
                release: threshold * Double.random(in: 0.4...1), minDuration: quarters(0...6), hold: quarters(0...8),
                cooldown: quarters(0...20), mergeGap: Bool.random() ? quarters(1...16) : 0
            )
            let eventRules = EventRules(
                threshold: threshold,
                release: rules.release,
                minDuration: .seconds(rules.minDuration),
                hold: .seconds(rules.hold),
                cooldown: .seconds(rules.cooldown),
                mergeGap: .seconds(rules.mergeGap)
            )
            let tried = eventRules.proposed(at: Double(Int.random(in: 1...99)) / 100)
            var machine = LabelEventMachine(rules: eventRules)
            var score = 0.5
            var events: [(start: Double, end: Double?)] = []
            let samples = (0..<200).map { index in
                score = min(1, max(0, score + Double.random(in: -0.35...0.35)))
                let time = Double(index) / 2
                machine.observe(score: score, at: .seconds(time)) { transition in
                    switch transition.kind {
                    case .started: events.append((seconds(transition.startTime), nil))
                    case .updated: break
                    case .ended: events[events.count - 1].end = seconds(transition.time)
                    }
                }
                return #"{"time":\#(time),"score":\#(score)}"#
            }
            // An event that waits for its merge gap has ended for the page; the daemon has not reported the end yet.
            if let waiting = machine.end(.shutdown, at: .seconds(99.5)), case .ended(.belowRelease) = waiting.kind {
                events[events.count - 1].end = seconds(waiting.time)
            }
            let spans = events.map { "[\($0.start),\($0.end.map { "\($0)" } ?? "null")]" }.joined(separator: ",")
            let members = [
                #""threshold":\#(threshold)"#, #""release":\#(rules.release)"#,
                #""min_duration":\#(rules.minDuration)"#, #""hold":\#(rules.hold)"#,
                #""cooldown":\#(rules.cooldown)"#, #""merge_gap":\#(rules.mergeGap)"#,
            ]
            let list = samples.joined(separator: ",")
            let moved = #"{"threshold":\#(tried.threshold),"release":\#(tried.release)}"#
            return #"{"rules":{\#(members.joined(separator: ","))},"tried":\#(moved),"samples":[\#(list)],"#
                + #""events":[\#(spans)]}"#
        }
        return "[\(cases.joined(separator: ",\n"))]"
    }

    private static func seconds(_ time: Duration) -> Double {
        Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
    }
}
