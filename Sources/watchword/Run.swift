import ArgumentParser
import CaptureProcess
import ConfigurationText
import Daemon
import Foundation
import Models
import Offline
import Settings

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the daemon.",
        discussion: """
            Watches the configured streams and emits events on the event socket until
            SIGTERM or SIGINT. SIGHUP reloads the configuration. Unchanged streams continue;
            a file with an error changes nothing.

            Example:
              watchword run --config /etc/watchword/watchword.yaml
            """
    )

    @OptionGroup var file: ConfigurationFile

    func run() async throws {
        let sink = LogSink()
        DaemonLogHandler.bootstrap(sink)
        let path = file.config
        let daemon = try WatchwordDaemon(
            file: path,
            sink: sink,
            version: watchwordVersion,
            captureProgram: CaptureProgram()
        ) {
            try Configuration.load(path: path)
        }
        try await daemon.run()
    }
}

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the configuration and print the values in force.",
        discussion: """
            Prints every value and where it comes from. All errors are reported at once,
            each with its place. What the model would read otherwise than it is written, such
            as a text that is too long for it, is a warning. A signal that is often wrong
            gets a note. With --probe, all streams are opened at the same time
            instead: it prints the codec, size and rate of each. If a stream cannot be
            watched, it prints the reason and exits with 1.

            Example:
              watchword check --config Config/watchword.yaml
            """
    )

    @OptionGroup var file: ConfigurationFile

    @Flag(help: "Open every stream and describe it.")
    var probe = false

    @Flag(help: "With --probe: print one JSON object per stream.")
    var json = false

    @Flag(help: "Exit with 78 if there is a warning.")
    var strict = false

    @Flag(help: "Only print the JSON Schema of the configuration.")
    var schema = false

    func validate() throws {
        if schema && probe { throw ValidationError("Give --schema or --probe, not both.") }
        if json && !probe { throw ValidationError("--json goes with --probe.") }
    }

    /// What the model does not read as it is written, or why it cannot be read; nothing if there is no such model yet.
    ///
    /// - Throws: `ConfigurationError` if two labels are the same to the model.
    private func labelWarnings(_ configuration: Configuration) throws -> [String] {
        guard let directory = try? ModelLocation.directory(of: configuration.model.path),
            FileManager.default.fileExists(atPath: directory)
        else { return [] }
        let reading: LabelReading
        do { reading = try LabelReading(directory: directory) } catch { return ["\(error)"] }
        let conflicts = reading.conflicts(in: configuration.streams)
        guard conflicts.isEmpty else { throw ConfigurationError(conflicts) }
        return reading.warnings(in: configuration.streams).map(\.description)
    }

    func run() throws {
        if schema { return try printLine(ConfigurationSchema.text) }
        let configuration = try file.load()
        if probe { return try printFindings(SourceProbe(configuration).run(), json: json) }
        let warnings = try labelWarnings(configuration)
        for line in configuration.report { try printLine(line) }
        for note in configuration.notes { Outcome.complain("watchword: note: \(note)") }
        for warning in warnings { Outcome.complain("watchword: warning: \(warning)") }
        if strict && !warnings.isEmpty { throw ExitCode(78) }
    }
}

/// The option that `run` and `check` share.
struct ConfigurationFile: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The configuration file.", valueName: "file"), completion: .file())
    var config = Self.defaultPath

    static let defaultPath = "/etc/watchword/watchword.yaml"

    func load() throws -> Configuration { try Configuration.load(path: config) }
}
