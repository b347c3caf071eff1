import ArgumentParser
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

        @Option(help: "The type of the weight matrices: keep, or the half-size float16 or bfloat16.")
        var dtype = ModelConversion.Precision.keep

        func run() throws {
            var line = ProgressLine()
            defer { line.clear() }
            let conversion = ModelConversion(input: input, output: output, tokenizer: tokenizer, precision: dtype)
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
