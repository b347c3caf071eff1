import ArgumentParser
import Console
import Foundation

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the state of the running daemon.",
        discussion: """
            Asks the daemon over its event socket. Shows the streams and their health,
            dropped pictures, lag, the work of the gate and of the exact pass, open events,
            and the last reload.

            Example:
              watchword status
            """
    )

    @OptionGroup var server: SocketPath

    @Flag(help: "Print the daemon's answer: one JSON object.")
    var json = false

    func run() throws {
        let line = try StatusRequest.line(path: server.socket)
        for line in json ? [line] : StatusRequest.readable(line) { try printLine(line) }
    }
}

/// The option of the verbs that connect to a running daemon.
struct SocketPath: ParsableArguments {
    @Option(help: ArgumentHelp("The event socket.", valueName: "path"), completion: .file())
    var socket = ProcessInfo.processInfo.environment["WATCHWORD_SOCKET"] ?? "/run/watchword/events.sock"
}
