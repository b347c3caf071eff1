import Foundation
import TestSupport
import Testing
import Text

/// SIGHUP: another configuration without a restart.
@Suite(.serialized) struct ReloadTests {
    private let kept = DaemonProcess.stream("kept", DaemonProcess.picture)
    private let other = DaemonProcess.stream("other", DaemonProcess.picture)

    @Test func whatStaysTheSameNoticesNothing() async throws {
        try await TemporaryDirectory.with { directory in
            try await DaemonProcess.with(kept + other, in: directory) { daemon in
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"since":0}}"#)
                // In whichever order.
                try await eventually("an event of both") {
                    try client.read()
                    return ["kept", "other"].allSatisfy { name in
                        client.lines.contains { $0.isEvent("started", of: name) }
                    }
                }

                let changed = DaemonProcess.stream("other", DaemonProcess.picture, "temperature: 2")
                let new = DaemonProcess.stream("new", DaemonProcess.picture)
                try DaemonProcess.configuration(kept + changed + new, in: directory)
                daemon.send(SIGHUP)
                let ended = try await client.next("the end") { $0.isEvent("ended", of: "other") }
                #expect(ended["end_reason"]?.string == "config_changed")
                try await client.next("another start") { $0.isEvent("started", of: "other") }
                try await eventually("the new stream") {
                    try client.read()
                    return client.lines.contains { $0.isEvent("started", of: "new") }
                }
                #expect(!client.lines.contains { $0.isEvent("ended", of: "kept") })
                let health = client.lines.filter { $0.type == "stream" && $0["stream"]?.string == "kept" }
                #expect(health.count == 1)

                let status = try await self.status(directory)
                #expect(status["configuration"]?["reload_ok"] == .bool(true))
                let streams = status["streams"]?.array ?? []
                #expect(streams.compactMap { $0["stream"]?.string } == ["kept", "other", "new"])
                #expect(streams.map { $0["connections"]?.integer } == [1, 1, 1])

                try DaemonProcess.configuration(kept, in: directory)
                daemon.send(SIGHUP)
                try await client.next("it is gone") {
                    $0.isStream("new", "offline", because: "no longer in the configuration")
                }
                try await eventually("the greeting names what is left") {
                    try SocketClient.hello(of: directory.socket)["streams"]?.array == [.string("kept")]
                }

                daemon.send(SIGTERM)
                #expect(try await daemon.finish() == .exit(0))
                try await client.readToEnd()
                expectNoGap(client.lines)
                expectOneEndAStart(client.lines)
            }
        }
    }

    @Test func otherRulesAreTakenInTheMiddleOfAnEvent() async throws {
        try await TemporaryDirectory.with { directory in
            try await DaemonProcess.with(kept, in: directory) { daemon in
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"since":0}}"#)
                let started = try await client.next("an event") { $0.isEvent("started", of: "kept") }
                let strict = kept.replacing("threshold: 0\n", with: "threshold: 1\n")
                    .replacing("release: 0\n", with: "release: 1\n")
                    .replacing("    cooldown: 0s\n", with: "    cooldown: 0s\n    hold: 0s\n")
                try DaemonProcess.configuration(strict, in: directory)
                daemon.send(SIGHUP)
                let ended = try await client.next("its end") { $0.isEvent("ended", of: "kept") }
                #expect(ended["id"] == started["id"])
                #expect(ended["end_reason"]?.string == "below_release")
                #expect(try await status(directory)["streams"]?.array?.first?["connections"]?.integer == 1)
            }
        }
    }

    @Test func aFileWithAMistakeChangesNothing() async throws {
        try await TemporaryDirectory.with { directory in
            try await DaemonProcess.with(kept, in: directory) { daemon in
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"since":0}}"#)
                try await client.next("an event") { $0.isEvent("started", of: "kept") }
                let bad = DaemonProcess.stream("kept", DaemonProcess.picture, "treshold: 0.5") + other
                let file = try DaemonProcess.configuration(bad, in: directory)
                daemon.send(SIGHUP)
                try await eventually("the log", context: { daemon.errors }) {
                    daemon.errors.contains("the old one stays in force")
                }
                #expect(daemon.errors.contains("\(file):") && daemon.errors.contains("did you mean \"threshold\""))
                // The log says it first.
                var status = JSONValue.null
                try await eventually("the refusal is known") {
                    status = try await self.status(directory)
                    return status["configuration"]?["reload_ok"] == .bool(false)
                }
                #expect(status["configuration"]?["reload_message"]?.string?.contains("treshold") == true)
                #expect(status["streams"]?.array?.count == 1)
                #expect(status["open"]?.array?.count == 1)
                try client.read()
                #expect(!client.lines.contains { $0.isEvent("ended", of: "kept") })

                // And the file mended is taken.
                try DaemonProcess.configuration(kept + other, in: directory)
                daemon.send(SIGHUP)
                try await client.next("the other") { $0.isEvent("started", of: "other") }
            }
        }
    }

    /// A signal that comes before the daemon handles it: it waits, and ends nothing.
    @Test func aReloadDuringTheStartIsDoneAfterIt() async throws {
        try await TemporaryDirectory.with { directory in
            let file = try DaemonProcess.configuration(kept, in: directory)
            try await ChildProcess.with(
                try Program.path(),
                ["run", "--config", file],
                environment: Program.environment([:]),
                in: directory,
                name: "daemon"
            ) { daemon in
                // As soon as the program catches the signal. The dynamic linker starts threads before, and holds every
                // signal back for moments.
                try await eventually("the program's first step", context: { daemon.errors }) {
                    try #require(!daemon.hasEnded)
                    let status = try String(contentsOfFile: "/proc/\(daemon.processID)/status", encoding: .utf8)
                    let line = status.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }
                    let mask = line?.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } ?? 0
                    return mask & 1 << UInt64(SIGHUP - 1) != 0
                }
                for _ in 0..<5 { daemon.send(SIGHUP) }
                try await eventually("the reload", context: { daemon.errors }) {
                    try #require(!daemon.hasEnded, "\(String(describing: daemon.ending))")
                    return daemon.errors.contains("configuration reloaded: no stream has changed")
                }
                daemon.send(SIGTERM)
                #expect(try await daemon.finish() == .exit(0))
            }
        }
    }

    /// Weights of the same sizes at the same path, as a training script writes them.
    @Test func anotherModelAtTheSamePathIsRefused() async throws {
        try await TemporaryDirectory.with { directory in
            let model = directory("model")
            try copyContents(of: Tree.tinyModel, to: model)
            let environment = ["WATCHWORD_MODEL_PATH": model]
            try await DaemonProcess.with(kept, environment: environment, in: directory) { daemon in
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"since":0}}"#)
                let started = try await client.next("an event") { $0.isEvent("started", of: "kept") }
                let weights = URL(filePath: model + "/model.safetensors")
                var data = try Data(contentsOf: weights)
                data[data.count - 1] ^= 1
                try data.write(to: weights)
                try DaemonProcess.configuration(kept + other, in: directory)
                daemon.send(SIGHUP)
                try await eventually("the refusal", context: { daemon.errors }) {
                    daemon.errors.contains("model.safetensors has changed since the model was loaded")
                }
                // The log says it first.
                var status = JSONValue.null
                try await eventually("the refusal is known") {
                    status = try await self.status(directory)
                    return status["configuration"]?["reload_ok"] == .bool(false)
                }
                #expect(status["streams"]?.array?.count == 1)
                #expect(status["open"]?.array?.first?["id"] == started["id"])
            }
        }
    }

    /// The answer of `watchword status --json`.
    private func status(_ directory: TemporaryDirectory) async throws -> JSONValue {
        let outcome = try await watchword(["status", "--json", "--socket", directory.socket], in: directory)
        #expect(outcome.ending == .exit(0), "\(outcome)")
        return try JSONValue(parsing: try #require(outcome.outputLines.first))
    }

    private func expectOneEndAStart(_ lines: [JSONValue]) {
        for state in ["started", "ended"] {
            let ids = lines.filter { $0.type == "event" && $0.state == state }.compactMap { $0["id"]?.string }
            #expect(Set(ids).count == ids.count)
        }
        func ids(_ state: String) -> Set<String> {
            Set(lines.filter { $0.type == "event" && $0.state == state }.compactMap { $0["id"]?.string })
        }
        #expect(!ids("started").isEmpty && ids("started") == ids("ended"))
    }
}
