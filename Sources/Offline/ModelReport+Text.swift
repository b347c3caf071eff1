import Foundation
import Recognition
import System
import Text
import XCLIP

extension ModelReport {
    /// One JSON object: sizes in bytes, times in seconds, arithmetic in floating-point operations.
    package func json(measured: SpeedTrial.Report?) -> String {
        func tower(_ tower: XCLIPConfiguration.Tower) -> JSONLine {
            var line = JSONLine()
            line.add("width", tower.width)
            line.add("layers", tower.layers)
            line.add("heads", tower.heads)
            line.add("intermediate", tower.intermediate)
            return line
        }
        let sizes = configuration
        var line = JSONLine(type: "model")
        line.add("directory", directory)
        line.add("weights", weightsFile)
        line.add("frames", sizes.frames)
        if sizes.frames != sizes.trainedFrames { line.add("trained_frames", sizes.trainedFrames) }
        line.add("image_size", sizes.imageSize)
        line.add("patch_size", sizes.patchSize)
        line.add("tokens", sizes.tokens)
        line.add("embedding", sizes.embedding)
        line.add("vision", tower(sizes.vision))
        line.add("text", tower(sizes.text))
        line.add("integration", tower(sizes.integration))
        line.add("prompt_layers", sizes.promptLayers)
        line.add("prompt_heads", sizes.promptHeads)
        line.add("parameters", text.parameters + video.parameters)
        line.add("text_parameters", text.parameters)
        var dtypes = JSONLine()
        for type in types { dtypes.add(type.name, type.tensors) }
        line.add("dtypes", dtypes)
        line.add("weight_bytes", text.bytes + video.bytes)
        line.add("resident_weight_bytes", video.bytes)
        for level in ReuseLevel.allCases { line.add("stream_bytes_\(level.rawValue)", memoryPerStream(level)) }
        line.add("flops_frame", sizes.work.frame)
        line.add("flops_sweep", sizes.work.sweptFrame)
        line.add("flops_window", sizes.work.fullWindow)
        line.add("logit_scale", logitScale)
        line.add("window_seconds", window.seconds)
        line.add("window_stated", window.isStated)
        line.add("vocabulary", vocabulary)
        line.add("text_positions", sizes.textPositions)
        line.add("added_tokens", inventory.tokenizer.addedTokens)
        line.add("preprocessing", inventory.preprocessing.words)
        line.add("processor", inventory.preprocessing.processor)
        line.add("processor_file", inventory.preprocessing.source)
        line.add("files", inventory.read)
        line.add(
            "ignored_files",
            inventory.ignored.map { file in
                var entry = JSONLine()
                entry.add("name", file.name)
                entry.add("reason", file.reason)
                return entry
            }
        )
        line.add("prefix", inventory.prefix)
        line.add("unused_tensors", inventory.unused)
        line.add("as_transformers", inventory.differences.isEmpty)
        line.add("differences", inventory.differences)
        if let measured { line.add("measured", measured.line) }
        return line.text
    }

    /// For people.
    package func text(measured: SpeedTrial.Report?) -> String {
        func megabytes(_ bytes: Int) -> String { String(format: "%.1f MB", Double(bytes) / 1e6) }
        func millions(_ count: Int) -> String { String(format: "%.1f M", Double(count) / 1e6) }
        func tower(_ tower: XCLIPConfiguration.Tower) -> String {
            "\(tower.layers) layers, \(tower.width) wide, \(tower.heads) heads, MLP \(tower.intermediate)"
        }
        let sizes = configuration
        let (frame, whole) = (sizes.work.frame / 1e9, sizes.work.fullWindow / 1e9)
        let step = window.seconds / Double(sizes.frames)
        let dtypes = types.map { types.count == 1 ? $0.name : "\($0.name) (\($0.tensors) tensors)" }
        let (side, parameters) = (sizes.imageSize, text.parameters + video.parameters)
        let source = window.isStated ? "as watchword.json says" : "as the published models"
        let interval = String(format: "%.2f", step)
        let interpolated =
            sizes.frames == sizes.trainedFrames ? "" : "; trained for \(sizes.trainedFrames) frames, interpolated"
        let streams = ReuseLevel.allCases.map { "\(megabytes(memoryPerStream($0))) \($0.rawValue)" }
        let rows = [
            ("input", "\(sizes.frames) frames of \(side)×\(side), patches of \(sizes.patchSize)\(interpolated)"),
            ("tokens", "\(sizes.tokens) a frame"),
            ("window", "\(String(format: "%g s", window.seconds)), \(source): a frame every \(interval) s"),
            ("vision", tower(sizes.vision)),
            ("integration", tower(sizes.integration)),
            ("prompts", "\(sizes.promptLayers) layers, \(sizes.embedding) wide, \(sizes.promptHeads) heads"),
            ("text", tower(sizes.text) + ", \(sizes.textPositions) positions"),
            ("tokenizer", tokenizerWords),
            ("pictures", inventory.preprocessing.words),
            ("", "by \(inventory.preprocessing.processor), from \(inventory.preprocessing.source)"),
            ("logit scale", String(format: "%.2f", logitScale)),
            ("parameters", "\(millions(parameters)), of them \(millions(text.parameters)) for texts"),
            ("weights", "\(weightsFile), \(megabytes(text.bytes + video.bytes)), \(dtypes.joined(separator: ", "))"),
            ("memory", "\(megabytes(video.bytes)) of weights that stay"),
            ("a stream's", streams.joined(separator: ", ")),
            ("arithmetic", String(format: "%.2f GFLOP a frame, %.1f GFLOP a window", frame, whole)),
        ]
        var lines = [directory]
        lines += (rows + fileRows).map { "  " + $0.0.padding(toLength: 13, withPad: " ", startingAt: 0) + $0.1 }
        if let measured { lines.append(measured.text(window: .seconds(window.seconds))) }
        return lines.joined(separator: "\n")
    }

    private var tokenizerWords: String {
        let added = inventory.tokenizer.addedTokens
        let more = added.count > 5 ? ", …" : ""
        return "\(vocabulary) tokens"
            + (added.isEmpty ? "" : ", of them added: " + added.prefix(5).joined(separator: " ") + more)
    }

    /// The files, and whether the model is read as transformers reads it.
    private var fileRows: [(String, String)] {
        var rows = [("read", inventory.read.joined(separator: ", "))]
        rows += inventory.ignored.map { ("not read", "\($0.name): \($0.reason)") }
        if !inventory.unused.isEmpty {
            let more = inventory.unused.count > 3 ? ", …" : ""
            let names = inventory.unused.prefix(3).joined(separator: ", ") + more
            rows.append(("unused", "\(inventory.unused.count) tensors that X-CLIP does not have: \(names)"))
        }
        if !inventory.prefix.isEmpty {
            rows.append(("prefix", "\(inventory.prefix) stripped from the names of the weights"))
        }
        return rows + [("scores", inventory.verdict)]
    }
}
