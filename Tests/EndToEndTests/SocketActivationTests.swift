import Foundation
import TestSupport
import Testing
import Text

/// The event socket handed over by systemd: it is there before the daemon and stays after it.
@Suite(.serialized) struct SocketActivationTests {
    private let stream = DaemonProcess.stream("live", DaemonProcess.picture)

    /// What systemd does for `watchword.socket`.
    private final class Socket {
        let descriptor: Int32

        init(at path: String, listens: Bool = true) throws {
            descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
            let length = socklen_t(MemoryLayout<sockaddr_un>.size)
            let bound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
            }
            try #require(bound == 0)
            if listens { try #require(listen(descriptor, 16) == 0) }
        }

        deinit { close(descriptor) }
    }

    /// A daemon with `descriptors` from 3 on and the variables that say so, which only the process itself can write: they
    /// hold its number.
    private func withDaemon<Result>(
        passing descriptors: [Int32],
        in directory: TemporaryDirectory,
        name: String = "daemon",
        _ body: (ChildProcess) async throws -> Result
    ) async throws -> Result {
        let file = try DaemonProcess.configuration(stream, in: directory)
        let script = "export LISTEN_PID=$$ LISTEN_FDS=\(descriptors.count); exec \"$0\" \"$@\""
        return try await ChildProcess.with(
            "/bin/sh",
            ["-c", script, try Program.path(), "run", "--config", file],
            environment: Program.environment(["WATCHWORD_EVENTS_JOURNAL": directory("events.sqlite")]),
            passing: descriptors,
            in: directory,
            name: name,
            body
        )
    }

    @Test func aClientWaitsForTheDaemon() async throws {
        try await TemporaryDirectory.with { directory in
            let socket = try Socket(at: directory.socket)
            chmod(directory.socket, 0o604)
            let early = try SocketClient(path: directory.socket)
            try early.send(#"{"subscribe":{"since":0}}"#)
            let last = try await withDaemon(passing: [socket.descriptor], in: directory) { daemon in
                try await early.next("the greeting") { $0.type == "hello" }
                try await early.next("an event") { $0.isEvent("started", of: "live") }
                // The path is left as systemd made it, with nothing beside it.
                let attributes = try FileManager.default.attributesOfItem(atPath: directory.socket)
                #expect(attributes[.posixPermissions] as? Int == 0o604)
                #expect(!FileManager.default.fileExists(atPath: directory.socket + ".lock"))
                // Close-on-exec: libav or a look-up may start programs.
                let info = try String(contentsOfFile: "/proc/\(daemon.processID)/fdinfo/3", encoding: .utf8)
                let flags = info.split(separator: "\n").first { $0.hasPrefix("flags:") }?.split(separator: "\t").last
                #expect(try #require(flags.flatMap { Int($0, radix: 8) }) & Int(O_CLOEXEC) != 0, "\(info)")
                daemon.send(SIGTERM)
                #expect(try await daemon.finish() == .exit(0))
                try await early.readToEnd()
                let end = try #require(early.lines.last { $0.type == "event" })
                #expect(end["end_reason"]?.string == "shutdown")
                return try #require(early.lines.compactMap(\.seq).max())
            }

            // Nobody serves it now; who connects waits, and resumes where the first one left off.
            #expect(FileManager.default.fileExists(atPath: directory.socket))
            let waiting = try SocketClient(path: directory.socket)
            try waiting.send(#"{"subscribe":{"since":\#(last)}}"#)
            try await withDaemon(passing: [socket.descriptor], in: directory, name: "again") { _ in
                try await waiting.next("the greeting of the second daemon") { $0.type == "hello" }
                try await waiting.next("an event of the second daemon") { $0.isEvent("started", of: "live") }
            }
            let numbers = waiting.lines.filter { $0.type == "event" || $0.type == "stream" }.compactMap(\.seq)
            #expect(numbers.first == last + 1)
            expectNoGap(waiting.lines)
        }
    }

    /// systemd's own tool starts the daemon at the first connection.
    @Test func systemdStartsIt() async throws {
        let tool = "/usr/bin/systemd-socket-activate"
        try #require(FileManager.default.isExecutableFile(atPath: tool), "install the package systemd")
        try await TemporaryDirectory.with { directory in
            let file = try DaemonProcess.configuration(stream, in: directory)
            try await ChildProcess.with(
                tool,
                ["--listen=\(directory.socket)", try Program.path(), "run", "--config", file],
                environment: Program.environment([:]),
                in: directory,
                name: "activated"
            ) { daemon in
                try await eventually("the socket", context: { daemon.errors }) {
                    SocketClient.isServed(directory.socket)
                }
                let first = try SocketClient(path: directory.socket)
                try first.send(#"{"subscribe":{"since":0}}"#)
                try await first.next("the greeting") { $0.type == "hello" }
                try await first.next("an event") { $0.isEvent("started", of: "live") }
            }
        }
    }

    @Test func whatDoesNotFitIsRefused() async throws {
        try await TemporaryDirectory.with { directory in
            let elsewhere = try Socket(at: directory("other.sock"))
            let silent = try Socket(at: directory.socket, listens: false)
            let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
            defer { close(file) }
            let cases: [([Int32], String)] = [
                ([elsewhere.descriptor], "is not at events.socket, which is \(directory.socket): make it the"),
                (
                    [silent.descriptor],
                    "something other than a listening Unix stream socket: write ListenStream=\(directory.socket)"
                ),
                ([file], "something other than a listening Unix stream socket"),
                ([elsewhere.descriptor, file], "passed 2 sockets, but there is one event socket: keep a single"),
            ]
            for (descriptors, message) in cases {
                try await withDaemon(passing: descriptors, in: directory) { daemon in
                    let ending = try await daemon.finish()
                    #expect(ending == .exit(1))
                    #expect(daemon.errors.contains(message), "\(daemon.errors)")
                    #expect(daemon.errors.split(separator: "\n").count == 1, "\(daemon.errors)")
                }
            }
        }
    }
}
