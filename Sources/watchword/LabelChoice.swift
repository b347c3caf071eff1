import ArgumentParser
import Models
import Offline
import Settings

/// What a video is scored against: texts, or a configured stream's labels. The options that `recognise` and `labels` share.
struct LabelChoice: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Without --config: a directory with an X-CLIP checkpoint, a pulled model's name, or `embedded`. (default: embedded)"
        ),
        completion: .directory
    )
    var model: String?

    @Option(help: ArgumentHelp("What to look for; may be given again.", valueName: "text"))
    var label: [String] = []

    @Option(help: ArgumentHelp("A file with one label per line.", valueName: "file"), completion: .file())
    var labels: String?

    @Option(
        help: ArgumentHelp(
            "A configuration: a stream's labels and settings, in place of --label and --model.",
            valueName: "file"
        ),
        completion: .file()
    )
    var config: String?

    @Option(
        help: ArgumentHelp("With --config: the stream. Required if the configuration has several.", valueName: "name")
    )
    var stream: String?

    @OptionGroup var sight: SightOptions

    func validate() throws {
        if config == nil {
            if stream != nil { throw ValidationError("--stream goes with --config.") }
        } else if !label.isEmpty || labels != nil || model != nil {
            throw ValidationError("--label, --labels and --model go without --config, which names labels and model.")
        }
        try validateLabels(label)
    }

    /// Refuses a command line that names no label.
    func requireLabels() throws {
        guard config == nil, label.isEmpty, labels == nil else { return }
        throw ValidationError("Give at least one --label, or --labels FILE, or --config FILE.")
    }

    /// The scoring of a video at `exact`.
    func options(video: String) throws -> ClipRecognition.Options {
        var options: ClipRecognition.Options
        if let config {
            let (chosen, path) = try configuredStream(stream, of: Configuration.load(path: config))
            options = try ClipRecognition.Options(video: video, model: path, stream: chosen)
        } else {
            options = try ClipRecognition.Options(
                video: video,
                model: model ?? ModelLocation.embedded,
                labels: labelTexts(label, file: labels)
            )
        }
        try sight.override(&options.stream.options)
        return options
    }
}
