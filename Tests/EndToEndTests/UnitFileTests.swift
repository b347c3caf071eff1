import Foundation
import Testing

/// What systemd itself says of the units.
@Suite struct UnitFileTests {
    private static let analyze = "/usr/bin/systemd-analyze"
    private static let isThere = FileManager.default.isExecutableFile(atPath: analyze)

    /// `--threshold` counts tenths.
    @Test(.enabled(if: isThere)) func theSandboxIsTight() async throws {
        try await TemporaryDirectory.with { directory in
            let unit = Tree.units + "watchword.service"
            try await tool(Self.analyze, ["security", "--offline=true", "--threshold=15", unit], in: directory)
        }
    }

    /// Of what it complains it says on standard error, and succeeds all the same.
    @Test(.enabled(if: isThere)) func theUnitsAreValid() async throws {
        try await TemporaryDirectory.with { directory in
            var units: [String] = []
            for name in ["watchword.service", "watchword.socket"] {
                let text = try String(contentsOfFile: Tree.units + name, encoding: .utf8)
                // What it starts must be there.
                units.append(try directory.write(text.replacing("/usr/bin/watchword", with: "/bin/true"), to: name))
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
