import ArgumentParser
import Daemon

struct Events: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the daemon's events as they come.",
        discussion: """
            Reads the event socket. For people by default; with --json the socket's own
            lines, one JSON object each.

            Example:
              watchword events --stream 'door*' --label '*fall*'
            """
    )

    @OptionGroup var server: SocketPath

    @Option(help: ArgumentHelp("Only streams like this (* and ?); may be given again.", valueName: "pattern"))
    var stream: [String] = []

    @Option(help: ArgumentHelp("Only labels like this (* and ?); may be given again.", valueName: "pattern"))
    var label: [String] = []

    @Option(help: ArgumentHelp("First what came after this record's number.", valueName: "seq"))
    var since: Int?

    @Flag(help: "Every decision's scores too.")
    var scores = false

    @Flag(help: "One JSON object a line.")
    var json = false

    func validate() throws {
        if let since, since < 0 { throw ValidationError("--since must not be negative.") }
    }

    func run() throws {
        var filter = EventLines.Filter()
        filter.streams = stream
        filter.labels = label
        filter.since = since
        filter.scores = scores
        var broken: (any Error)?
        try EventLines.follow(path: server.socket, filter: filter, json: json) { line in
            do { try printLine(line) } catch { broken = error }
            return broken == nil
        }
        if let broken { throw broken }
    }
}
