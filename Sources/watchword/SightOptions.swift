import ArgumentParser
import Settings

/// What the model sees of a video, and against what it is measured: the options that `recognise`, `labels` and `eval` share.
struct SightOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What the camera ordinarily shows, in addition to the neutral texts; may be given again.",
            valueName: "text"
        )
    )
    var background: [String] = []

    @Option(help: .overriding("window", "time"))
    var window: String?

    @Option(help: .overriding("hop", "n"))
    var hop: String?

    @Option(
        help: ArgumentHelp(
            "\(StreamOption("view").description) (default: with --config the stream's; else square, or for eval the model's own)",
            valueName: "view"
        ),
        completion: .list(["square", "whole", "tiles"])
    )
    var view: String?

    func validate() throws {
        var options = StreamOptions()
        try override(&options)
    }

    /// Whether any of them was given.
    var isGiven: Bool { !background.isEmpty || window != nil || hop != nil || view != nil }

    func override(_ options: inout StreamOptions) throws {
        options.background += background
        try options.override(["window": window, "hop": hop, "view": view])
    }
}
