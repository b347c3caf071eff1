import ArgumentParser
import Foundation
import Models
import Text
package import XCLIP

extension Model {
    struct Convert: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a model directory from a published checkpoint.",
            discussion: """
                The input is a Hugging Face directory, its pytorch_model.bin (whole or in
                shards), or the authors' .pth file. The sizes of a .pth file are read from the
                shapes. Nothing in a PyTorch file is executed. The output has
                model.safetensors, the configuration and the tokenizer.

                The directory of a LoRA adapter is merged into the model that it was trained
                on, which --base names.

                Example:
                  watchword model convert k400_32_8.pth DIR --tokenizer tokenizer.json
                """
        )

        @Argument(help: "A directory, or a .bin, .pth, .safetensors or .index.json file.", completion: .file())
        var input: String

        @Argument(help: "The directory to make.", completion: .directory)
        var output: String

        @Option(
            help: ArgumentHelp(
                "The tokenizer, if it is not beside the input: tokenizer.json, or its directory.",
                valueName: "path"
            ),
            completion: .file()
        )
        var tokenizer: String?

        @Option(
            help: ArgumentHelp(
                "With an adapter's directory: the model that it changes. (default: the one that the adapter names)",
                valueName: "model"
            ),
            completion: .directory
        )
        var base: String?

        @Option(help: "The type of the weight matrices: keep, or the half-size float16 or bfloat16.")
        var dtype = ModelConversion.Precision.keep

        func validate() throws {
            if base != nil && !LoRAAdapter.isIn(input) {
                throw ValidationError("--base goes with an adapter's directory.")
            }
        }

        /// The directory of the model that the adapter changes.
        private func baseDirectory() throws -> String {
            guard let name = try base ?? LoRAAdapter(directory: input).base else {
                throw OperationError("\(input): the adapter names no model that it changes; name it as --base")
            }
            let directory = try ModelLocation.directory(of: name)
            guard FileManager.default.fileExists(atPath: directory) else {
                throw OperationError(
                    "\(input): there is no model \(name), which the adapter changes; name it as --base"
                )
            }
            return directory
        }

        func run() throws {
            var line = ProgressLine()
            defer { line.clear() }
            let isAdapter = LoRAAdapter.isIn(input)
            let conversion = ModelConversion(
                input: isAdapter ? try baseDirectory() : input,
                output: output,
                tokenizer: tokenizer,
                precision: dtype,
                adapter: isAdapter ? input : nil
            )
            let report = try conversion.run { line.show("tensor \($0 + 1) of \($1)") }
            line.clear()
            let sizes = report.configuration
            try printLine(
                "\(output): \(report.tensors) tensors, \(report.byteCount / 1_000_000) MB; \(sizes.frames) frames of "
                    + "\(sizes.imageSize)×\(sizes.imageSize)"
                    + (report.isInferred ? ", sizes read from the shapes" : "")
            )
            if !report.leftOut.isEmpty {
                let more = report.leftOut.count > 3 ? ", …" : ""
                let names = report.leftOut.prefix(3).joined(separator: ", ") + more
                try printLine("left out, because no X-CLIP model uses them: \(names)")
            }
        }
    }
}

extension ModelConversion.Precision: ExpressibleByArgument {}
