import Foundation
import TestSupport
import Testing
import Text

/// A daemon with three streams of files, one of which has a decoder that does as a hostile camera might make it do.
final class CaptureFaults {
    let directory: TemporaryDirectory
    private let library: String
    private let wish: String

    static let source = Tree.captureFaults
    private static let healthy = ["left", "right"]

    /// Makes the films and the library.
    init(in directory: TemporaryDirectory) async throws {
        self.directory = directory
        library = directory("faults.so")
        wish = library + ".fault"
        try await tool("/usr/bin/cc", ["-shared", "-fPIC", "-O1", "-o", library, Self.source, "-ldl"], in: directory)
        for (name, width) in [("sound", 160), ("hostile", 96)] {
            let picture = "-f lavfi -i testsrc2=size=\(width)x96:rate=25 -t 20 -c:v libx264 -g 25 -pix_fmt yuv420p"
            try await ffmpeg(picture, to: directory("\(name).mp4"), in: directory)
        }
    }

    /// What is to happen, from the next connection of the hostile stream on.
    func wish(_ fault: String, journal: String = "-", events: String = "-", port: UInt16 = 1) throws {
        try Data("\(fault) \(journal) \(events) \(port)\n".utf8).write(to: URL(filePath: wish))
    }

    func wishNothing() throws { try FileManager.default.removeItem(atPath: wish) }

    func run(beside further: String = "", _ body: (ChildProcess, SocketClient) async throws -> Void) async throws {
        let process = "capture: process"
        let short = ["open_timeout: 10s", "stall_timeout: 10s"]
        var streams = DaemonProcess.stream("hostile", directory("hostile.mp4"), process, short[0], short[1])
        for name in Self.healthy { streams += DaemonProcess.stream(name, directory("sound.mp4"), process) }
        try await DaemonProcess.with(streams + further, environment: ["LD_PRELOAD": library], in: directory) { daemon in
            let client = try SocketClient(path: directory.socket)
            try client.send(#"{"subscribe":{"since":0}}"#)
            try await body(daemon, client)
        }
    }

    /// A stream as the daemon's status has it.
    func status(of name: String) async throws -> JSONValue {
        let client = try SocketClient(path: directory.socket)
        try client.send(#"{"status":{}}"#)
        let status = try await client.next("the status") { $0.type == "status" }
        return try #require(status["streams"]?.array?.first { $0["stream"]?.string == name })
    }

    /// The process that reads the hostile stream, once it is another than the last and delivers pictures.
    func process(insteadOf last: pid_t) async throws -> pid_t {
        var found: pid_t = 0
        try await eventually("another process") { () async throws -> Bool in
            let stream = try await status(of: "hostile")
            found = stream["capture_pid"]?.integer.flatMap { pid_t(exactly: $0) } ?? 0
            return found != 0 && found != last && stream["state"]?.string == "online"
        }
        return found
    }

    /// The processes that read sources for this daemon.
    static func processes(of daemon: ChildProcess) throws -> [pid_t] {
        let tasks = "/proc/\(daemon.processID)/task"
        return try FileManager.default.contentsOfDirectory(atPath: tasks).flatMap { thread in
            let children = (try? String(contentsOfFile: "\(tasks)/\(thread)/children", encoding: .utf8)) ?? ""
            return children.split(separator: " ").compactMap { pid_t($0) }
        }
    }

    /// That the others were never disturbed: each is on its first connection, or its film was played again.
    func expectTheOthersUndisturbed(_ client: SocketClient) async throws {
        for name in Self.healthy {
            #expect(!client.lines.contains { $0.isStream(name, "offline") || $0.isStream(name, "degraded") })
            let stream = try await status(of: name)
            #expect(stream["crashes"]?.integer == 0)
            #expect(stream["state"]?.string == "online")
        }
    }
}
