import ArgumentParser
import Offline

extension Model {
    struct Inspect: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a model is and what it costs.",
            discussion: """
                Sizes, parameters, arithmetic, memory, the window it was trained for. With
                --measure also how many streams of it this machine carries, as `bench` does.

                Example:
                  watchword model inspect DIR --measure
                """
        )

        @Argument(
            help: "A directory with an X-CLIP checkpoint, a pulled model's name, or `embedded`.",
            completion: .directory
        )
        var directory: String

        @Flag(help: "Run the model and say what this machine carries.")
        var measure = false

        @Flag(help: "One JSON object.")
        var json = false

        func run() throws {
            let report = try ModelReport(model: directory)
            var measured: SpeedTrial.Report?
            if measure {
                var line = ProgressLine()
                defer { line.clear() }
                let options = SpeedTrial.Options(model: directory)
                measured = try SpeedTrial(options).run { line.show("round \($0 + 1) of \(options.rounds)") }
            }
            try printLine(json ? report.json(measured: measured) : report.text(measured: measured))
        }
    }
}
