import ArgumentParser
import Console
import Foundation

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show how the running daemon fares.",
        discussion: """
            Asks the daemon over its event socket: streams and their health, pictures
            dropped, lag, what the gate and the exact pass do, open events, the last reload.

            Example:
              watchword status
            """
    )

    @OptionGroup var server: SocketPath

    @Flag(help: "The daemon's answer as it is: one JSON object.")
    var json = false

    func run() throws {
        let line = try StatusRequest.line(path: server.socket)
        for line in json ? [line] : StatusRequest.readable(line) { try printLine(line) }
    }
}

/// The option that the verbs which talk to a running daemon share.
struct SocketPath: ParsableArguments {
    @Option(help: ArgumentHelp("The event socket.", valueName: "path"), completion: .file())
    var socket = ProcessInfo.processInfo.environment["WATCHWORD_SOCKET"] ?? "/run/watchword/events.sock"
}
