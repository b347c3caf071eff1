import ArgumentParser
import Offline

extension Model {
    struct Inspect: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a model's properties and its cost.",
            discussion: """
                Shows the sizes, parameters, arithmetic and memory, the window that the model
                was trained for, how pictures and texts are prepared, every file that is read
                or not and why, and whether the model scores as transformers would. With
                --measure, it also shows how many streams of the model this machine can carry,
                as `bench` does.

                Example:
                  watchword model inspect DIR --measure
                """
        )

        @Argument(
            help: "A directory with an X-CLIP checkpoint, a pulled model's name, or `embedded`.",
            completion: .directory
        )
        var directory: String

        @Option(
            help: ArgumentHelp(
                "The frames of a window, as `model.frames` sets them. (default: as many as it was trained for)",
                valueName: "n"
            )
        )
        var frames: Int?

        @Flag(help: "Run the model and show how many streams this machine can carry.")
        var measure = false

        @Flag(help: "Print one JSON object.")
        var json = false

        func validate() throws {
            if let frames, !(2...128).contains(frames) { throw ValidationError("--frames must be from 2 to 128.") }
        }

        func run() throws {
            let report = try ModelReport(model: directory, frames: frames)
            var measured: SpeedTrial.Report?
            if measure {
                var line = ProgressLine()
                defer { line.clear() }
                var options = SpeedTrial.Options(model: directory)
                options.frames = frames
                measured = try SpeedTrial(options).run { line.show("round \($0 + 1) of \(options.rounds)") }
            }
            try printLine(json ? report.json(measured: measured) : report.text(measured: measured))
        }
    }
}
