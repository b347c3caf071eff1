import ArgumentParser
import Offline
import Settings
import System
import Text

struct Probe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Open one source and describe it.",
        discussion: """
            Shows the codec, size and rate, and whether a smaller stream would serve
            better. If the source cannot be watched, it shows the reason and exits with 1.
            Users who can list processes see a password in the URL; `check --probe` reads
            it from the configuration instead.

            Example:
              watchword probe rtsp://camera.local/stream2
            """
    )

    @Argument(help: "As `url` in the configuration: a URL, a device, a file or a test source.")
    var url: String

    @Option(
        help: ArgumentHelp(StreamOption("transport").description, valueName: "transport"),
        completion: .list(["tcp", "udp"])
    )
    var transport = StreamOption("transport").defaultText

    @Option(
        help: ArgumentHelp("How long opening may take, and then the first picture.", valueName: "time"),
        transform: span
    )
    var timeout = StreamOptions().openTimeout

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws { _ = try options() }

    func run() throws {
        let probe = try SourceProbe(url: url, transport: options().transport, timeout: timeout)
        try printFindings(probe.run(), json: json)
    }

    private func options() throws -> StreamOptions {
        var options = StreamOptions()
        try options.override(["transport": transport])
        return options
    }
}

/// Prints one finding per line. Exits with 1 if a source cannot be watched.
func printFindings(_ findings: [ProbeFinding], json: Bool) throws {
    for finding in findings {
        for line in json ? [finding.json.text] : finding.lines { try printLine(line) }
    }
    if !findings.allSatisfy(\.isGood) { throw ExitCode(1) }
}
