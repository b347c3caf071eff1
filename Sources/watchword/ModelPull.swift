import ArgumentParser
import Foundation
import Models

extension Model {
    struct Pull: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fetch a model from Hugging Face.",
            discussion: """
                Checksums are verified; a pull that was interrupted goes on where it was when
                it is run again. The model lands in Hugging Face's own cache, where other
                programs find it too; afterwards its name serves as --model and as model.path.
                HF_ENDPOINT, HF_TOKEN, HF_HOME, HF_HUB_CACHE and HF_HUB_OFFLINE are heeded.

                Example:
                  watchword model pull microsoft/xclip-base-patch32
                  sudo watchword model pull microsoft/xclip-base-patch32 --for-service
                """
        )

        @Argument(help: "OWNER/NAME, and after an @ a branch, tag or commit. `watchword model list` has names.")
        var name: String

        @Flag(help: "Into /var/lib/watchword/models, since the service does not see home directories.")
        var forService = false

        @Flag(help: "One JSON object.")
        var json = false

        func run() throws {
            // The service reads as another user what root writes.
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
                With the size, the data set and the figure that the paper has for each. Asks
                nobody: the list is part of the program.

                Example:
                  watchword model list
                """
        )

        @Flag(help: "One JSON object a model.")
        var json = false

        func run() throws {
            for line in json ? ModelCatalogue.json : [ModelCatalogue.text] { try printLine(line) }
        }
    }
}
