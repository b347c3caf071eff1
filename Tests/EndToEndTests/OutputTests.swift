import Foundation
import Testing

/// What the program prints goes to a place that may fail as well.
@Suite(.serialized) struct OutputTests {
    private func run(_ command: String, in directory: TemporaryDirectory) async throws -> Outcome {
        let script = try "'\(Program.path())' \(command)"
        return try await ChildProcess.with("/bin/bash", ["-c", script], in: directory, name: "script") { child in
            let ending = try await child.finish()
            return Outcome(ending: ending, output: child.output, errors: child.errors)
        }
    }

    /// A script that goes on with half a diff would patch with it.
    @Test(arguments: ["model list", "model list --json", "version"])
    func aFullDiskIsNoSuccess(verb: String) async throws {
        try await TemporaryDirectory.with { directory in
            let outcome = try await run("\(verb) >/dev/full", in: directory)
            #expect(outcome.ending == .exit(1) && outcome.errorLines.count == 1, "\(outcome)")
            #expect(outcome.errors.contains("standard output: No space left on device"), "\(outcome)")
        }
    }

    /// Messages that nobody takes change neither the work nor its exit code.
    @Test(arguments: ["2>/dev/full", "2>&-"])
    func errorsThatNobodyTakesEndNothing(redirection: String) async throws {
        try await TemporaryDirectory.with { directory in
            let broken = try await run("recognise none.mp4 --label dog \(redirection)", in: directory)
            #expect(broken.ending == .exit(1), "\(broken)")
            let usage = try await run("frobnicate \(redirection)", in: directory)
            #expect(usage.ending == .exit(2), "\(usage)")
        }
    }
}
