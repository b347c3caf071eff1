import Foundation
import Testing

/// What systemd itself says of the units.
@Suite struct UnitFileTests {
    private static let analyze = "/usr/bin/systemd-analyze"
    /// It wants a directory that systemd or root makes: a user's container may have none.
    private static let isUsable =
        FileManager.default.isExecutableFile(atPath: analyze)
        && (geteuid() == 0 || FileManager.default.fileExists(atPath: "/run/systemd"))
    private static let reason: Comment = "systemd-analyze is missing, or cannot make /run/systemd"

    /// `--threshold` counts tenths.
    @Test(.enabled(if: isUsable, reason), arguments: ["watchword.service", "watchword-nats.service"])
    func theSandboxIsTight(name: String) async throws {
        try await TemporaryDirectory.with { directory in
            let unit = Tree.units + name
            try await tool(Self.analyze, ["security", "--offline=true", "--threshold=15", unit], in: directory)
        }
    }

    /// Of what it complains it says on standard error, and succeeds all the same.
    @Test(.enabled(if: isUsable, reason)) func theUnitsAreValid() async throws {
        try await TemporaryDirectory.with { directory in
            var units: [String] = []
            for name in ["watchword.service", "watchword.socket", "watchword-nats.service"] {
                let text = try String(contentsOfFile: Tree.units + name, encoding: .utf8)
                // What it starts must be there.
                let programs = ["/usr/bin/watchword", "/usr/local/bin/nats-server"]
                let started = programs.reduce(text) { $0.replacing($1, with: "/bin/true") }
                units.append(try directory.write(started, to: name))
            }
            try await ChildProcess.with(Self.analyze, ["verify", "--man=no"] + units, in: directory, name: "verify") {
                let ending = try await $0.finish()
                #expect(ending == .exit(0))
                let complaints = $0.errors.split(separator: "\n").filter { $0.contains(directory.path) }
                #expect(complaints.isEmpty)
            }
        }
    }
}
