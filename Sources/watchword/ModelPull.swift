import ArgumentParser
import Foundation
import Models

extension Model {
    struct Pull: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Download a model from Hugging Face.",
            discussion: """
                Checksums are verified. An interrupted download continues when the command is
                run again. The model is stored in Hugging Face's own cache, where other
                programs find it too. Afterwards, its name can be used as --model and as
                model.path. The variables HF_ENDPOINT, HF_TOKEN, HF_HOME, HF_HUB_CACHE and
                HF_HUB_OFFLINE apply.

                Example:
                  watchword model pull microsoft/xclip-base-patch32
                  sudo watchword model pull microsoft/xclip-base-patch32 --for-service
                """
        )

        @Argument(
            help: "OWNER/NAME, optionally with @ and a branch, tag or commit. `watchword model list` shows names."
        )
        var name: String

        @Flag(help: "Store the model in /var/lib/watchword/models: the service cannot read home directories.")
        var forService = false

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            // The service reads the files as another user.
            if forService { umask(0o022) }
            var line = ProgressLine()
            defer { line.clear() }
            let pull = try ModelPull(name, forService: forService, version: watchwordVersion)
            let report = try pull.run { line.show($0) }
            line.clear()
            try printLine(json ? report.json : report.text)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the published models.",
            discussion: """
                Shows each model's size, data set and accuracy in the paper. The list is part
                of the program and needs no network.

                Example:
                  watchword model list
                """
        )

        @Flag(help: "Print one JSON object per model.")
        var json = false

        func run() throws {
            for line in json ? ModelCatalogue.json : [ModelCatalogue.text] { try printLine(line) }
        }
    }
}
