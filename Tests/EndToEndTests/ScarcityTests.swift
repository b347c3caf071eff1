import Foundation
import TestSupport
import Testing
import Text

/// A system that gives the program too little.
@Suite(.serialized) struct ScarcityTests {
    private static let stream = DaemonProcess.stream("live", DaemonProcess.picture)

    /// A shell that sets a limit and turns into the program. It is no file of its own, which could not be run while a child
    /// that another test starts still holds it open.
    private func launcher(_ limit: String) -> [String] { ["/bin/sh", "-c", "ulimit \(limit); exec \"$0\" \"$@\""] }

    private func outcome(_ arguments: [String], limit: String, in directory: TemporaryDirectory) async throws -> Outcome
    {
        let launcher = launcher(limit)
        return try await ChildProcess.with(
            launcher[0],
            launcher.dropFirst() + [try Program.path()] + arguments,
            environment: Program.environment([:]),
            in: directory,
            name: "scarce"
        ) { child in
            let ending = try await child.finish()
            return Outcome(ending: ending, output: child.output, errors: child.errors)
        }
    }

    @Test(arguments: [24, 40, 71])
    func tooFewDescriptorsForTheStreamsAreSaidAtTheStart(limit: Int) async throws {
        try await TemporaryDirectory.with { directory in
            let file = try DaemonProcess.configuration(Self.stream, in: directory)
            let outcome = try await outcome(["run", "--config", file], limit: "-n \(limit)", in: directory)
            #expect(outcome.ending == .exit(1), "\(outcome)")
            #expect(outcome.errorLines.count == 1, "\(outcome)")
            let words = "1 stream need about 72 open files and sockets, and this process may have \(limit)"
            #expect(outcome.errors.contains(words), "\(outcome)")
        }
    }

    /// Clients that take all they can leave enough for the daemon's own work, to its end.
    @Test func clientsCannotTakeTheLastDescriptors() async throws {
        try await TemporaryDirectory.with { directory in
            let limit = 100
            let launcher = launcher("-n \(limit)")
            try await DaemonProcess.with(Self.stream, launcher: launcher, in: directory) { daemon in
                var clients: [SocketClient] = []
                var isRefused = false
                while !isRefused {
                    let client = try SocketClient(path: directory.socket)
                    let first = try await client.next("a greeting or a refusal") { _ in true }
                    isRefused = first.type == "error"
                    if isRefused { #expect(first["message"]?.string?.contains("descriptors") == true, "\(first)") }
                    clients.append(client)
                    try #require(clients.count < limit)
                }
                #expect(try daemon.openDescriptors <= limit - limit / 4 + 8)
                try clients[0].send(#"{"subscribe":{"since":0}}"#)
                try await clients[0].next("an event") { $0.isEvent("started", of: "live") }
                daemon.send(SIGTERM)
                #expect(try await daemon.finish() == .exit(0))
            }
        }
    }

    /// From too little to enough: at each limit the program works, or ends with a line and exit code 1.
    @Test func tooLittleMemoryForTheModelIsSaid() async throws {
        try await TemporaryDirectory.with { directory in
            let arguments = ["model", "inspect", Tree.model, "--measure"]
            var refused = 0
            for megabytes in stride(from: 500, through: 2500, by: 250) {
                let outcome = try await outcome(arguments, limit: "-v \(megabytes << 10)", in: directory)
                if outcome.ending == .exit(0) { break }
                refused += 1
                #expect(outcome.ending == .exit(1), "\(megabytes) MiB: \(outcome)")
                #expect(outcome.errorLines.count == 1, "\(megabytes) MiB: \(outcome)")
                #expect(outcome.errors.contains("memory"), "\(megabytes) MiB: \(outcome)")
            }
            #expect(refused > 0)
        }
    }
}
