import ArgumentParser
import CaptureProcess
import Foundation
import System

/// The command line: only verbs, their options and exit codes.
@main
struct Watchword: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watchword",
        abstract: "Watches live video for the things its owner names in words.",
        discussion: """
            Reads cameras and RTSP streams, scores a sliding window of frames against
            free-text labels with X-CLIP on the CPU, and emits label events over a Unix
            socket.

            Exit codes: 0 success, 1 failure, 2 wrong usage, 78 invalid configuration.
            """,
        version: watchwordVersion,
        subcommands: [
            Run.self, Check.self, Discover.self, Probe.self, Recognise.self, Labels.self, Replay.self, Calibrate.self,
            Teach.self, Eval.self, Why.self, Events.self, Status.self, Bench.self, Model.self, MQTT.self, Webhook.self,
            FleetCommand.self, Version.self,
        ]
    )

    static func main() async {
        // The daemon's own children. Nothing of the command line is needed, or loaded.
        if CommandLine.arguments.dropFirst().first == CaptureProgram.verb { CaptureService.run() }
        // If the reader goes away (`| head`), the next write fails, rather than a signal ending the program.
        signal(SIGPIPE, SIG_IGN)
        // A reload that is asked for while the daemon starts waits until it can be done.
        if CommandLine.arguments.dropFirst().first == "run" { HeldSignal.hold(SIGHUP) }
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            Outcome.exit(with: error)
        }
    }
}

struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the version.",
        discussion: "Example:\n  watchword version"
    )

    func run() throws { try printLine("watchword \(watchwordVersion)") }
}

let watchwordVersion = "0.1.0"
