import ArgumentParser
import Foundation
import Models
import Offline
import Settings
import XCLIP

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how fast this machine runs a model.",
        discussion: """
            Measures the time of a step at each reuse level, and shows how many streams
            this machine can carry. It uses generated pictures; nothing is read or sent.
            `watchword model random` makes a model of a published size without a download.

            Example:
              watchword bench --model DIR --window 5s
            """
    )

    @Option(
        help: "A directory with an X-CLIP checkpoint, a pulled model's name, or `embedded`.",
        completion: .directory
    )
    var model = ModelLocation.embedded

    @Option(
        help: ArgumentHelp("\(StreamOption("precision").description)", valueName: "word"),
        completion: .list(["auto", "float32", "int8"])
    )
    var precision = PrecisionChoice.auto

    @Option(help: ArgumentHelp("The number of labels that each window is scored against.", valueName: "n"))
    var labels = 16

    @Option(help: .overriding("window", "time", condition: "For the number of streams"))
    var window: String?

    @Option(help: ArgumentHelp("The number of rounds of measurements.", valueName: "n"))
    var rounds = 5

    @Option(help: ArgumentHelp("The number of threads. (default: the processors it may use)", valueName: "n"))
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "Compute as a processor with fewer instructions would: avx2, portable and the like.",
            valueName: "name"
        )
    )
    var isa: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if !(1...1000).contains(labels) { throw ValidationError("--labels must be from 1 to 1000.") }
        if !(1...1000).contains(rounds) { throw ValidationError("--rounds must be from 1 to 1000.") }
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be from 1 to 1024.") }
        if let isa, !SpeedTrial.backends.contains(isa) {
            let names = SpeedTrial.backends.joined(separator: ", ")
            throw ValidationError("--isa: this processor cannot compute as \(isa); use one of \(names).")
        }
        var stream = StreamOptions()
        try stream.override(["window": window])
    }

    func run() throws {
        var stream = try ModelDefaults.options(ofModel: model)
        try stream.override(["window": window])
        var options = SpeedTrial.Options(model: model)
        options.precision = precision
        options.labels = labels
        options.rounds = rounds
        options.backend = isa
        if let threads { options.threads = threads }
        var line = ProgressLine()
        let report = try SpeedTrial(options).run { line.show("round \($0 + 1) of \(options.rounds)") }
        line.clear()
        try printLine(json ? report.json : report.text(window: stream.window))
    }
}
