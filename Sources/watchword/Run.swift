import ArgumentParser
import CaptureProcess
import Daemon
import Models
import Offline
import Settings
import Systemd

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the daemon.",
        discussion: """
            Watches the configured streams and emits events on the event socket until
            SIGTERM or SIGINT. SIGHUP reloads the configuration. Unchanged streams
            continue; a file with an error changes nothing.

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
            each with its place. What the model would read otherwise than it is written,
            such as a text that is too long for it, is a warning. A signal that is often
            wrong gets a note. With --probe, all streams are opened at the same time
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
        if strict && (schema || probe) {
            throw ValidationError("--strict goes without --schema and --probe, which look for no warnings.")
        }
    }

    func run() throws {
        if schema { return try printLine(ConfigurationSchema.text) }
        let configuration = try file.load()
        if probe { return try printFindings(SourceProbe(configuration).run(), json: json) }
        let warnings = try labelWarnings(configuration.streams, model: configuration.model.path)
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
