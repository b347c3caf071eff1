import Foundation
import Testing

/// The commands of the manual's page on tuning, pasted one after another into a shell, with the drawn scene as every recording.
@Suite(.serialized) struct ManualTests {
    /// The lines of the page's shell blocks, each as one command.
    private func commands() throws -> [String] {
        let page = try String(contentsOfFile: Tree.documentation + "tuning.md", encoding: .utf8)
        return page.components(separatedBy: "```sh\n").dropFirst().flatMap { part in
            let block = part.components(separatedBy: "\n```")[0].replacing("\\\n", with: " ")
            return block.split(separator: "\n").map(String.init)
        }
    }

    /// What the commands name lies in the directory.
    private func furnish(_ directory: TemporaryDirectory) throws {
        for name in ["day", "night", "quiet", "yesterday", "other", "clip", "a", "b"] {
            try FileManager.default.createSymbolicLink(
                atPath: directory("\(name).mp4"),
                withDestinationPath: ReplayTests.scene
            )
            try FileManager.default.createSymbolicLink(
                atPath: directory("\(name).csv"),
                withDestinationPath: Tree.streams + "/demo.csv"
            )
        }
        try FileManager.default.createSymbolicLink(atPath: directory("DIR"), withDestinationPath: Tree.model)
        let auto = ReplayTests.configuration("    threshold: auto\n", streams: ["yard"])
        try directory.write(auto, to: "mine.yaml")
        try directory.write(auto, to: "mine.yaml.orig")
        try directory.write(ReplayTests.configuration(streams: ["yard"]), to: "tuned.yaml")
    }

    @Test func theTuningPageRunsAsItIsWritten() async throws {
        try await TemporaryDirectory.with { directory in
            try furnish(directory)
            let program = (try Program.path() as NSString).deletingLastPathComponent
            var environment = Program.environment([:])
            environment["PATH"] = program + ":/usr/bin:/bin"
            var run: Set<String> = []
            for command in try commands() {
                // A history needs days of a daemon; CalibrateTests has one.
                guard !command.contains("--history"), !command.contains("watchword why") else { continue }
                // Nothing is to change where the output has no diff.
                let proposed = (try? String(contentsOfFile: directory("new.diff"), encoding: .utf8)) ?? ""
                if command.hasPrefix("patch "), !proposed.contains("\n--- ") { continue }
                try await ChildProcess.with(
                    "/bin/sh",
                    ["-c", "cd '\(directory.path)' && \(command)"],
                    environment: environment,
                    in: directory,
                    name: "manual"
                ) { child in
                    let ending = try await child.finish()
                    #expect(ending == .exit(0), "\(command)\n\(child.errors)")
                }
                run.insert(command.split(separator: " ").prefix(2).joined(separator: " "))
            }
            #expect(
                run.isSuperset(of: ["watchword replay", "watchword calibrate", "watchword eval", "watchword recognise"]
                ),
                "\(run)"
            )
        }
    }
}
