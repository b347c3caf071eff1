import Foundation
import TestSupport
import Testing
import Text

/// `watchword events` as people and scripts use it: a command for each event, a daemon that restarts, the live view.
@Suite(.serialized) struct EventsCommandTests {
    private let stream = DaemonProcess.stream("live", DaemonProcess.picture)

    /// A text that would do harm in a command line.
    private let hostile = #"$(touch HARM); `touch HARM` '; touch HARM; "' | touch HARM"#

    @Test func theEventIsOnStandardInputAndNowhereElse() async throws {
        try await TemporaryDirectory.with { directory in
            let label = "\"\(hostile.replacing("HARM", with: directory("harm")).replacing("\"", with: "\\\""))\""
            let stream = stream.replacing("{name: anything, text: anything at all}", with: label)
            try await DaemonProcess.with(stream, in: directory) { _ in
                let command = "cat >>\(directory("events"))"
                try await events(["--since", "0", "--state", "started", "--exec", command], in: directory) { child in
                    let line: String = try await eventually("the event") {
                        let text = try? String(contentsOfFile: directory("events"), encoding: .utf8)
                        return text?.hasSuffix("\n") == true ? text : nil
                    }
                    let event = try JSONValue(parsing: line)
                    #expect(line.hasSuffix("}\n"))
                    #expect(event.isEvent("started", of: "live"))
                    #expect(event["label"]?.string?.hasPrefix("$(touch ") == true)
                    child.send(SIGTERM)
                    #expect(try await child.finish() == .signal(SIGTERM))
                    #expect(!FileManager.default.fileExists(atPath: directory("harm")))
                }
            }
        }
    }

    @Test func aCommandThatFailsOrHangsIsTold() async throws {
        try await TemporaryDirectory.with { directory in
            let streams = stream + DaemonProcess.stream("other", DaemonProcess.picture)
            try await DaemonProcess.with(streams, in: directory) { _ in
                let common = ["--since", "0", "--state", "started", "--stream"]
                try await events(common + ["live", "--exec", "exit 3"], in: directory) { child in
                    let wanted =
                        /watchword: started live anything \(record \d+\): the command ended with exit status 3\n/
                    try await eventually("the report", context: { child.errors }) { child.errors.contains(wanted) }
                }
                // The command's own children end with it, and no more run at once than may.
                let hang = "echo $$ >>\(directory("pids")); sleep 3600 & sleep 3600"
                // A slow machine may end the commands before they did anything: then they get more time.
                var (groups, limits) = ([pid_t](), ["300ms", "3s", "30s", "300s"])
                while groups.count < 2, !limits.isEmpty {
                    let limit = limits.removeFirst()
                    try directory.write("", to: "pids")
                    let options = ["--exec-timeout", limit, "--exec-jobs", "1"]
                    try await events(common + ["*", "--exec", hang] + options, in: directory) { child in
                        try await eventually("both reports", context: { child.errors }) {
                            child.errors.components(separatedBy: "took longer than \(limit) and was ended").count == 3
                        }
                        groups = try String(contentsOfFile: directory("pids"), encoding: .utf8)
                            .split(separator: "\n").compactMap { pid_t($0) }
                        try await eventually("the end of all that they started") {
                            groups.allSatisfy { kill(-$0, 0) != 0 }
                        }
                    }
                }
                #expect(groups.count == 2)
            }
        }
    }

    @Test func linesGoOnWithTheNextDaemon() async throws {
        try await TemporaryDirectory.with { directory in
            let environment = ["WATCHWORD_EVENTS_JOURNAL": directory("events.sqlite")]
            try await events(["--json", "--reconnect", "--since", "0"], in: directory) { child in
                let ending = try await child.finish()
                #expect(ending == .exit(1))
                #expect(child.errors.contains("no daemon serves the event socket"))
            }
            var follower: ChildProcess?
            defer { follower?.kill() }
            var output: [JSONValue] = []
            for round in 0..<3 {
                try await DaemonProcess.with(stream, environment: environment, in: directory) { daemon in
                    if follower == nil {
                        let options = ["events", "--socket", directory.socket, "--json", "--reconnect", "--since", "0"]
                        follower = try ChildProcess(try Program.path(), options, in: directory, name: "follower")
                    }
                    let child = try #require(follower)
                    try await eventually("events of daemon \(round)", context: { child.output + child.errors }) {
                        output = try child.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                            .map { try JSONValue(parsing: String($0)) }
                        return output.count { $0.isEvent("started", of: "live") } > round
                    }
                    daemon.kill()
                }
            }
            expectNoGap(output)
            #expect(output.first { $0.seq != nil && $0.type != "snapshot" }?.seq == 1)
            let child = try #require(follower)
            #expect(child.errors.contains("the daemon closed the connection; has it stopped? Waiting for it."))
        }
    }

    /// In a terminal of its own, made by script(1).
    @Test(arguments: [["NO_COLOR": "1"], ["NO_COLOR": nil]])
    func theLiveViewGivesTheScreenBack(environment: [String: String?]) async throws {
        try await TemporaryDirectory.with { directory in
            try await DaemonProcess.with(stream, in: directory) { _ in
                let command =
                    "echo $$ >\(directory("pid")); exec \(try Program.path()) events --socket \(directory.socket) --since 0"
                let terminal: [String: String?] = ["TERM": "xterm", "LC_ALL": "C.UTF-8"].merging(environment) { $1 }
                try await ChildProcess.with(
                    "/usr/bin/script",
                    ["-q", "-e", "-f", "-c", command, directory("typescript")],
                    environment: terminal,
                    in: directory,
                    name: "script"
                ) { child in
                    func drawn() -> String {
                        (try? String(contentsOfFile: directory("typescript"), encoding: .utf8)) ?? ""
                    }
                    try await eventually("the view", context: drawn) {
                        drawn().contains("● live  online") && drawn().contains("started  anything")
                    }
                    #expect(drawn().contains("\u{1B}[?1049h\u{1B}[?25l"))
                    #expect(drawn().contains("│"))
                    #expect(drawn().contains("\u{1B}[32m") == (environment["NO_COLOR"] == .some(nil)))
                    let process = try String(contentsOfFile: directory("pid"), encoding: .utf8)
                    kill(try #require(pid_t(process.dropLast())), SIGTERM)
                    _ = try await child.finish()
                    let end = "\u{1B}[?25h\u{1B}[?1049l"
                    #expect(drawn().components(separatedBy: end).count == 2)
                    // Nothing is drawn once the screen is given back.
                    #expect(drawn().components(separatedBy: end).last?.contains("live") == false)
                }
            }
        }
    }

    private func events(
        _ options: [String],
        in directory: TemporaryDirectory,
        _ body: (ChildProcess) async throws -> Void
    ) async throws {
        try await ChildProcess.with(
            try Program.path(),
            ["events", "--socket", directory.socket] + options,
            in: directory,
            name: "events",
            body
        )
    }
}
