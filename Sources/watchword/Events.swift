import ArgumentParser
import Console
import System

struct Events: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the daemon's events as they happen, or run a command for each.",
        discussion: """
            On a terminal, this shows a live view: each stream's health, each label's score
            as a bar with a mark at its threshold, and the latest events. Press q to leave
            it. In a pipe, or with --plain, it prints a line for each event; with --json,
            it prints the socket's own lines, one JSON object each.

            With --exec, /bin/sh runs a command for each event. The command reads the event
            as one line of JSON from its standard input; nothing of the event becomes part
            of the command. Failed or slow commands are reported on standard error.

            The live view and --exec wait while the daemon restarts, and continue after the
            last event. Lines end with the daemon, unless --reconnect is given.

            With --fleet, it prints the records of all hosts of a fleet, as lines: those
            that come, or those after --since. It goes on after the last one when servers
            are lost, and so does --exec.

            Example:
              watchword events
              watchword events --stream 'door*' --label '*fall*' --plain
              watchword events --state started --exec 'jq -r .label | wall'
            """
    )

    @OptionGroup var server: SocketPath

    @Flag(help: "Read the feed of the fleet of the configuration, instead of this host's.")
    var fleet = false

    @OptionGroup var file: ConfigurationFile

    @Option(
        help: ArgumentHelp("Only streams that match (* and ? are wildcards); may be given again.", valueName: "pattern")
    )
    var stream: [String] = []

    @Option(
        help: ArgumentHelp("Only labels that match (* and ? are wildcards); may be given again.", valueName: "pattern")
    )
    var label: [String] = []

    @Option(
        help: ArgumentHelp(
            "Only events in this state: started, updated or ended; may be given again.",
            valueName: "state"
        )
    )
    var state: [EventState] = []

    @Option(help: ArgumentHelp("Start after the record with this number.", valueName: "seq"))
    var since: UInt64?

    @Flag(help: "Also print every decision's scores, as lines.")
    var scores = false

    @Flag(help: "Print one JSON object per line.")
    var json = false

    @Flag(help: "Print lines on a terminal too.")
    var plain = false

    @Flag(help: "Continue with lines after the daemon has restarted.")
    var reconnect = false

    @Option(help: ArgumentHelp("Run this for each event.", valueName: "command"))
    var exec: String?

    @Option(
        help: ArgumentHelp("With --exec: how long a command may run. (default: 60s)", valueName: "time"),
        transform: span
    )
    var execTimeout: Duration?

    @Option(help: ArgumentHelp("With --exec: how many commands may run at once. (default: 4)", valueName: "number"))
    var execJobs: Int?

    func validate() throws {
        if exec != nil, scores || json || plain || reconnect {
            throw ValidationError("--exec prints no events: leave out --scores, --json, --plain and --reconnect.")
        }
        if fleet, scores || reconnect {
            throw ValidationError("--fleet has no scores and reconnects by itself: leave out --scores and --reconnect.")
        }
        if exec == nil, execTimeout != nil || execJobs != nil {
            throw ValidationError("--exec-timeout and --exec-jobs go with --exec.")
        }
        if let execJobs, !(1...64).contains(execJobs) { throw ValidationError("--exec-jobs must be from 1 to 64.") }
    }

    func run() throws {
        var filter = EventFilter()
        filter.streams = stream
        filter.labels = label
        filter.states = state.map(\.rawValue)
        filter.since = since
        filter.scores = scores
        let complain = { (text: String) in Outcome.complain("watchword: \(text)") }
        let settings = fleet ? try file.load().requiredFleet(file: file.config) : nil
        let session =
            settings.map { EventSession(fleet: $0, filter: filter, complain: complain) }
            ?? EventSession(path: server.socket, filter: filter, complain: complain)
        if let exec {
            let command = EventCommand(exec, timeout: execTimeout ?? .seconds(60), jobs: execJobs ?? 4)
            EventSession.die(of: try session.run(command))
        }
        if EventSession.canShow, !fleet, !json, !plain, !scores, !reconnect {
            if let signal = try session.show() { EventSession.die(of: signal) }
            return
        }
        try session.printLines(json: json, reconnects: reconnect || fleet) { try printLine($0) }
    }
}

/// A state of an event, as the command line names it.
enum EventState: String, ExpressibleByArgument, CaseIterable {
    case started, updated, ended
}
