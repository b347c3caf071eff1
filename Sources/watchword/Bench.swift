import ArgumentParser
import Foundation
import Models
import Offline
import Settings

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how fast this machine runs a model.",
        discussion: """
            Times a step of each reuse level and says how many streams this machine
            carries. Made-up pictures; nothing is read or sent. For a model of a published
            size without a download see `watchword model random`.

            Example:
              watchword bench --model DIR --window 5s
            """
    )

    @Option(
        help: "A directory with an X-CLIP checkpoint, a pulled model's name, or `embedded`.",
        completion: .directory
    )
    var model = ModelLocation.embedded

    @Option(help: ArgumentHelp("Labels that each window is scored against.", valueName: "n"))
    var labels = 16

    @Option(
        help: ArgumentHelp(
            "The window that the number of streams is reckoned for. (default: the model's own, or 5s)",
            valueName: "time"
        ),
        transform: span
    )
    var window: Duration?

    @Option(help: ArgumentHelp("Rounds of measurements.", valueName: "n"))
    var rounds = 5

    @Option(help: ArgumentHelp("Threads; the number of processors where it is not given.", valueName: "n"))
    var threads: Int?

    @Flag(help: "One JSON object.")
    var json = false

    func validate() throws {
        if !(1...1000).contains(labels) { throw ValidationError("--labels must be from 1 to 1000.") }
        if !(1...1000).contains(rounds) { throw ValidationError("--rounds must be from 1 to 1000.") }
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be from 1 to 1024.") }
    }

    func run() throws {
        let window = try window ?? ModelDefaults.options(ofModel: model).window
        var options = SpeedTrial.Options(model: model)
        options.labels = labels
        options.rounds = rounds
        if let threads { options.threads = threads }
        var line = ProgressLine()
        let report = try SpeedTrial(options).run { line.show("round \($0 + 1) of \(options.rounds)") }
        line.clear()
        try printLine(json ? report.json : report.text(window: window))
    }
}
