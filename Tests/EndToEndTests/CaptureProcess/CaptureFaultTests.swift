import Foundation
import TestSupport
import Testing
import Text

/// Whatever the process that reads one source does, the other streams go on, and the source is opened again.
@Suite(.serialized) struct CaptureFaultTests {
    private static let faults = [
        ("segv", "was ended by SIGSEGV"), ("abort", "was ended by SIGABRT"), ("exit", "ended with exit status 3"),
        ("leak", "was ended by SIGABRT"), ("close", "ended with exit status 0"), ("half", "sends what no message is"),
        ("garbage", "sends what no message is"), ("slot", "sends what no message is"),
        ("size", "sends a picture that cannot be"), ("future", "sends a picture that cannot be"),
        ("loop", "gave no sign of life for 20s"),
    ]

    @Test func aSourceThatMisbehavesHurtsNoOther() async throws {
        try await TemporaryDirectory.with { directory in
            let faults = try await CaptureFaults(in: directory)
            try await faults.run { daemon, client in
                var process = try await faults.process(insteadOf: 0)
                for (fault, words) in Self.faults {
                    let count = { daemon.errors.components(separatedBy: "its capture process \(words)").count }
                    let before = count()
                    try faults.wish(fault)
                    // The next process reads the wish.
                    kill(process, SIGKILL)
                    try await eventually(fault, context: { daemon.errors }) { count() > before }
                    try faults.wishNothing()
                    process = try await faults.process(insteadOf: process)
                }
                let crashes = try await faults.status(of: "hostile")["crashes"]?.integer
                #expect(crashes.map { $0 >= 2 * Self.faults.count } == true)
                // The leak ended below the limit of its memory, far from what it wanted.
                let line = try #require(daemon.errors.split(separator: "\n").first { $0.contains("fault: leaked") })
                let taken = try #require(line.split { !$0.isNumber }.last.flatMap { Int($0) })
                #expect(taken < 1024)
                try await faults.expectTheOthersUndisturbed(client)
                // At most one process for each stream: none is left behind.
                #expect(try CaptureFaults.processes(of: daemon).count <= 3)
                daemon.send(SIGTERM)
                #expect(try await daemon.finish() == .exit(0))
            }
        }
    }

    /// A camera that `onvif://` names is asked there too: what it answers can end that process alone.
    @Test func aCameraIsAskedByTheProcess() async throws {
        try await TemporaryDirectory.with { directory in
            let faults = try await CaptureFaults(in: directory)
            try faults.wish("ask")
            try await ONVIFDevice.with(in: directory) { device in
                let stream = DaemonProcess.stream("camera", device.url, "capture: process")
                try await faults.run(beside: stream) { daemon, client in
                    try await eventually("the crash", context: { daemon.errors }) {
                        daemon.errors.contains("was ended by SIGSEGV while it opened the source")
                    }
                    #expect(try device.requests().isEmpty)
                    try faults.wishNothing()
                    try await eventually("the camera is asked", context: { daemon.errors }) {
                        try !device.requests().isEmpty
                    }
                    for name in ["left", "right"] {
                        try await eventually("\(name) online") { () async throws -> Bool in
                            try await faults.status(of: name)["state"]?.string == "online"
                        }
                    }
                    try await faults.expectTheOthersUndisturbed(client)
                    #expect(!daemon.errors.contains("c4nary"))
                }
            }
        }
    }

    @Test func aProcessThatIsKilledAgainAndAgainComesBack() async throws {
        try await TemporaryDirectory.with { directory in
            let faults = try await CaptureFaults(in: directory)
            try await faults.run { daemon, client in
                func crashes() async throws -> Int64 { try await faults.status(of: "hostile")["crashes"]?.integer ?? 0 }
                var process = try await faults.process(insteadOf: 0)
                for _ in 1...12 {
                    let before = try await crashes()
                    // One that has just come to the end of its film is gone before it is killed.
                    repeat {
                        _ = kill(process, SIGKILL)
                        process = try await faults.process(insteadOf: process)
                    } while try await crashes() == before
                }
                try await client.next("an event after it") { $0.isEvent("started", of: "hostile") }
                try await faults.expectTheOthersUndisturbed(client)
                #expect(try CaptureFaults.processes(of: daemon).count <= 3)
                #expect(daemon.errors.contains("was ended by SIGKILL"))
            }
        }
    }

    /// However the daemon ends, no process outlives it.
    @Test(arguments: [SIGTERM, SIGKILL]) func noProcessOutlivesTheDaemon(signal: Int32) async throws {
        try await TemporaryDirectory.with { directory in
            let faults = try await CaptureFaults(in: directory)
            try await faults.run { daemon, _ in
                let processes = try await eventually("three processes") { () throws -> [pid_t]? in
                    let found = try CaptureFaults.processes(of: daemon)
                    return found.count == 3 ? found : nil
                }
                daemon.send(signal)
                _ = try await daemon.finish()
                try await eventually("their ends") { processes.allSatisfy { kill($0, 0) != 0 } }
            }
        }
    }
}
