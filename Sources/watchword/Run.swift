import ArgumentParser
import Daemon

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the daemon.",
        discussion: """
            Watches the configured streams and emits events on the event socket until
            SIGTERM or SIGINT. SIGHUP has it read its configuration anew: streams that stay
            the same notice nothing, and a file with a mistake in it changes nothing.

            Example:
              watchword run --config /etc/watchword/watchword.yaml
            """
    )

    @OptionGroup var file: ConfigurationFile

    func run() async throws {
        let sink = LogSink()
        DaemonLogHandler.bootstrap(sink)
        let path = file.config
        let daemon = try WatchwordDaemon(file: path, sink: sink, version: watchwordVersion) {
            try Configuration.load(path: path)
        }
        try await daemon.run()
    }
}

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the configuration and print what is in force.",
        discussion: """
            Prints every value and where it comes from. All that is wrong is reported at
            once, with its place.

            Example:
              watchword check --config Config/watchword.yaml
            """
    )

    @OptionGroup var file: ConfigurationFile

    func run() throws {
        for line in try file.load().report { try printLine(line) }
    }
}

/// The option that `run` and `check` share.
struct ConfigurationFile: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The configuration file.", valueName: "file"), completion: .file())
    var config = "/etc/watchword/watchword.yaml"

    func load() throws -> Configuration { try Configuration.load(path: config) }
}
