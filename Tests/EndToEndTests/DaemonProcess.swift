import Foundation
import TestSupport
import Testing

/// `watchword run`, with the tiny model and its socket in the test's folder.
enum DaemonProcess {
    /// A configuration with these streams, given as YAML list elements.
    @discardableResult
    static func configuration(
        _ streams: String,
        level: String = "info",
        in directory: TemporaryDirectory
    ) throws -> String {
        let text = """
            model:
              path: \(Tree.tinyModel)
            events:
              socket: \(directory.socket)
            log:
              level: \(level)
            streams:
            \(streams)
            """
        return try directory.write(text, to: "watchword.yaml")
    }

    /// Runs `body` beside a daemon that serves its socket. `launcher`: a program that turns into the daemon, and its arguments.
    static func with<Result>(
        _ streams: String,
        level: String = "info",
        environment: [String: String?] = [:],
        launcher: [String] = [],
        in directory: TemporaryDirectory,
        _ body: (ChildProcess) async throws -> Result
    ) async throws -> Result {
        let file = try configuration(streams, level: level, in: directory)
        let program = try Program.path()
        return try await ChildProcess.with(
            launcher.first ?? program,
            launcher.dropFirst() + (launcher.isEmpty ? [] : [program]) + ["run", "--config", file],
            environment: Program.environment(environment),
            in: directory,
            name: "daemon"
        ) { daemon in
            try await eventually("the socket of the daemon", context: { daemon.errors }) {
                let hasEnded = daemon.hasEnded
                try #require(!hasEnded, "the daemon ended, \(String(describing: daemon.ending)): \(daemon.errors)")
                return SocketClient.isServed(directory.socket)
            }
            return try await body(daemon)
        }
    }

    /// A stream that sees its label in every window, from the first on; `options` are more lines of its YAML. Without one that
    /// says otherwise it is as patient with its source as the tests are: on a slow machine they outlast `frozen_after`.
    static func stream(_ name: String, _ url: String, _ options: String...) -> String {
        let patient = ["open_timeout", "stall_timeout"].filter { key in !options.contains { $0.hasPrefix(key) } }
        let lines =
            ["url: \(url)", "window: 400ms", "threshold: 0", "release: 0", "min_duration: 0s", "cooldown: 0s"]
            + ["frozen_after: 0s"] + patient.map { "\($0): \(patience.components.seconds)s" } + options
            + ["labels: [{name: anything, text: anything at all}]"]
        return "  - name: \(name)\n" + lines.map { "    \($0)\n" }.joined()
    }

    /// A picture that libav makes itself, in real time.
    static let picture = "lavfi:testsrc2=size=160x120:rate=50"
}

extension ChildProcess {
    /// A field of `/proc/PID/status`, such as VmRSS (in KiB) or Threads.
    func status(_ field: String) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(field + ":") })
        return try #require(line.split { !$0.isNumber }.first.flatMap { Int($0) })
    }

    /// The names of the threads that the daemon or one of its threads started. Those of the runtime's pool, which come
    /// and go with the load, have the process's name.
    var ownThreads: [String] {
        get throws {
            let tasks = "/proc/\(processID)/task"
            return try FileManager.default.contentsOfDirectory(atPath: tasks).compactMap { thread in
                // One that ends meanwhile is none.
                let name = try? String(contentsOfFile: "\(tasks)/\(thread)/comm", encoding: .utf8)
                return name.map { $0.filter { !$0.isNewline } }
            }.filter { $0 != "watchword" }
        }
    }

    var openDescriptors: Int {
        get throws { try FileManager.default.contentsOfDirectory(atPath: "/proc/\(processID)/fd").count }
    }
}
