import ArgumentParser
import Offline
import Settings
import System
import Text

struct Probe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Open one source and say what it gives.",
        discussion: """
            Codec, size and rate, and whether a smaller stream would serve better; or why it
            cannot be watched, with exit code 1. Who can list processes sees a password in
            the URL: `check --probe` reads it from where the configuration has it.

            Example:
              watchword probe rtsp://camera.local/stream2
            """
    )

    @Argument(help: "As `url` in the configuration: a URL, a device, a file, a test source.")
    var url: String

    @Option(help: "What carries RTSP's media: tcp or udp.")
    var transport = Transport.tcp

    @Option(
        help: ArgumentHelp("How long it may take to open, and to send a picture.", valueName: "time"),
        transform: span
    )
    var timeout = Duration.seconds(10)

    @Flag(help: "One JSON object.")
    var json = false

    func run() throws {
        let probe = try SourceProbe(url: url, transport: transport, timeout: timeout)
        try printFindings(probe.run(), json: json)
    }
}

/// One finding a line; fails where a source cannot be watched.
func printFindings(_ findings: [ProbeFinding], json: Bool) throws {
    for finding in findings {
        for line in json ? [finding.json.text] : finding.lines { try printLine(line) }
    }
    if !findings.allSatisfy(\.isGood) { throw ExitCode(1) }
}

extension Transport: ExpressibleByArgument {}
