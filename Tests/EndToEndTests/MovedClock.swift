import Foundation
import Testing

/// Moves what a program takes for the time of day, and no other clock, with Debian's libfaketime.
///
/// The library moves the environment of the first program that it is loaded into, and Swift's runtime finds its arguments
/// beside that: so `launcher` comes first.
enum MovedClock {
    static let launcher = "/usr/bin/env"

    /// The environment of a program with a moved clock. By how much, the caller adds: `FAKETIME` says it for good,
    /// `FAKETIME_TIMESTAMP_FILE` names a file that does.
    static func environment(in directory: TemporaryDirectory) async throws -> [String: String] {
        let library = try #require(
            ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
                .map { "\($0)/faketime/libfaketimeMT.so.1" }.first { FileManager.default.fileExists(atPath: $0) },
            "no libfaketime: install Debian's package faketime"
        )
        let timers = directory("timers.so")
        try await tool("/usr/bin/cc", ["-shared", "-fPIC", "-O1", "-o", timers, Tree.trueTimers], in: directory)
        return [
            "LD_PRELOAD": "\(timers):\(library)", "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
        ]
    }
}
