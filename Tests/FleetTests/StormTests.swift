import Foundation
import TestSupport
import Testing

/// Host processes, a subscriber and three real servers, some of which are killed. `make fleet-storm` runs longer ones.
@Suite("Storm", .serialized, .ownThread)
struct StormTests {
    @Test(
        "nothing is missing, nothing comes twice",
        arguments: [["host", "subscriber"], ["host-and-leader", "frozen"], ["cut", "clock", "disk-full"]]
    )
    func storm(scenarios: [String]) throws {
        let directory = try TemporaryDirectory()
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let candidates = [tests, CommandLine.arguments[0]].map {
            ($0 as NSString).deletingLastPathComponent + "/fleetload"
        }
        let program = try #require(candidates.first { FileManager.default.isExecutableFile(atPath: $0) })
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments =
            ["storm", try RealEngine.server, directory.path + "/storm", "1", "3", "12", "1"] + scenarios
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
        #expect(text.contains(" 0 faults"), "\(text)")
    }
}
