import Foundation
import Testing

/// `check` and `run` on what operators write.
@Suite(.serialized) struct ConfigurationTests {
    @Test(arguments: ["run", "check"])
    func anUnknownKeyIsAnErrorWithItsPlaceAndASuggestion(verb: String) async throws {
        try await TemporaryDirectory.with { directory in
            let stream = DaemonProcess.stream("live", DaemonProcess.picture, "treshold: 0.5")
            let file = try DaemonProcess.configuration(stream, in: directory)
            let lines = try String(contentsOfFile: file, encoding: .utf8).split(
                separator: "\n",
                omittingEmptySubsequences: false
            )
            let line = try #require(lines.firstIndex { $0.contains("treshold") }) + 1
            let outcome = try await watchword([verb, "--config", file], in: directory)
            #expect(outcome.ending == .exit(78))
            #expect(outcome.errorLines.count == 1, "\(outcome)")
            #expect(outcome.errors.hasPrefix("\(file):\(line):5: "), "\(outcome)")
            #expect(outcome.errors.contains("treshold"))
            #expect(outcome.errors.contains("did you mean \"threshold\""), "\(outcome)")
            #expect(!FileManager.default.fileExists(atPath: directory.socket))
        }
    }

    @Test(arguments: ["run", "check"])
    func aMissingFileIsNamed(verb: String) async throws {
        try await TemporaryDirectory.with { directory in
            let outcome = try await watchword([verb, "--config", directory("none.yaml")], in: directory)
            #expect(outcome.ending == .exit(78))
            #expect(outcome.errorLines.count == 1, "\(outcome)")
            #expect(outcome.errors.hasPrefix("\(directory("none.yaml")): the file does not exist; "))
        }
    }

    @Test func whatTheModelReadsOtherwiseIsAWarning() async throws {
        try await TemporaryDirectory.with { directory in
            let plain = try DaemonProcess.configuration(
                DaemonProcess.stream("live", DaemonProcess.picture),
                in: directory
            )
            let text = try String(contentsOfFile: plain, encoding: .utf8)
            #expect(try await watchword(["check", "--strict", "--config", plain], in: directory).ending == .exit(0))
            let curly = try directory.write(text.replacing(/labels: .*/, with: "labels: [they’re here]"), to: "b.yaml")
            let lenient = try await watchword(["check", "--config", curly], in: directory)
            #expect(lenient.ending == .exit(0) && lenient.errors.contains("write \"they're here\""), "\(lenient)")
            #expect(try await watchword(["check", "--strict", "--config", curly], in: directory).ending == .exit(78))
            let twins = try directory.write(text.replacing(/labels: .*/, with: "labels: [a dog, A Dog]"), to: "c.yaml")
            for verb in ["check", "run"] {
                let outcome = try await watchword([verb, "--config", twins], in: directory)
                #expect(
                    outcome.ending == .exit(78) && outcome.errors.contains("is the same as \"a dog\" at"),
                    "\(outcome)"
                )
            }
        }
    }

    @Test func allThatIsWrongIsReportedAtOnce() async throws {
        try await TemporaryDirectory.with { directory in
            let stream = DaemonProcess.stream("live", DaemonProcess.picture, "hop: 0", "hold: soon", "scoring: best")
            let file = try DaemonProcess.configuration(stream, in: directory)
            let outcome = try await watchword(["check", "--config", file], in: directory)
            #expect(outcome.ending == .exit(78))
            #expect(outcome.errorLines.count == 3, "\(outcome)")
            #expect(outcome.errorLines.allSatisfy { $0.hasPrefix(file + ":") })
        }
    }

    @Test func checkReportsEveryValueWithItsOrigin() async throws {
        try await TemporaryDirectory.with { directory in
            let stream = DaemonProcess.stream("live", DaemonProcess.picture)
            let file = try DaemonProcess.configuration(stream, in: directory)
            let outcome = try await watchword(
                ["check", "--config", file],
                environment: ["WATCHWORD_EVENTS_HISTORY": "500"],
                in: directory
            )
            #expect(outcome.ending == .exit(0))
            #expect(outcome.errors.isEmpty)
            func origin(of value: String) -> String? { outcome.outputLines.first { $0.hasPrefix(value) } }
            #expect(origin(of: "streams.live.window = 400ms")?.contains("watchword.yaml:") == true, "\(outcome)")
            #expect(origin(of: "streams.live.hop = 1")?.contains("default") == true, "\(outcome)")
            #expect(origin(of: "events.history = 500")?.contains("WATCHWORD_EVENTS_HISTORY") == true, "\(outcome)")
        }
    }
}
