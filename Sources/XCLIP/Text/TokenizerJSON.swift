import Checkpoints
import Foundation

/// A `tokenizer.json` whose steps are CLIP's. Another one is refused: transformers 4 follows its steps, transformers 5 takes
/// CLIP's in their place.
struct TokenizerJSON {
    let vocabulary: [String: Int]
    let pairs: [(String, String)]
    let added: [(number: Int, token: AddedToken)]
    let unknown: String?
    /// What the post-processor puts around a text; nil if there is none.
    let processorEnds: (start: Named, end: Named)?

    struct Named {
        let text: String
        let number: Int
    }

    init(path: String) throws(CheckpointError) {
        let file = try JSONFile(path: path, limit: Tokenizer.maximumBytes)
        guard let model = try file.object("model"), try model.text("type", default: "BPE") == "BPE",
            let vocabulary = try model.object("vocab")?.wholeNumbers(), let merges = model.list("merges")
        else { throw file.wrong("model", "a BPE model with vocab and merges") }
        self.vocabulary = vocabulary
        var pairs: [(String, String)] = []
        pairs.reserveCapacity(merges.count)
        for merge in merges {
            if let pair = merge as? [String], pair.count == 2 {
                pairs.append((pair[0], pair[1]))
            } else if let line = merge as? String, let pair = MergesFile.pair(line[...]) {
                pairs.append(pair)
            } else {
                throw model.wrong("merges", "a list of pairs")
            }
        }
        self.pairs = pairs
        var added: [(Int, AddedToken)] = []
        let entries = try file.objects("added_tokens") ?? []
        guard entries.count <= Tokenizer.maximumAdded else {
            throw file.wrong("added_tokens", "at most \(Tokenizer.maximumAdded) tokens")
        }
        for entry in entries {
            guard entry.has("id") else { throw entry.wrong("id", "a token's number") }
            let number = try entry.size("id", default: 0, most: 1 << 30, least: 0)
            added.append((number, try AddedToken(entry)))
        }
        self.added = added
        unknown = try model.text("unk_token")
        processorEnds = try Self.ends(file)
        try Self.checkModel(model)
        try Self.checkSteps(file)
    }

    private static func checkModel(_ model: JSONFile) throws(CheckpointError) {
        for (name, wanted) in [("continuing_subword_prefix", ""), ("end_of_word_suffix", "</w>")] {
            let text = try model.text(name) ?? ""
            guard text == wanted else { throw model.wrong(name, "\(wanted.debugDescription), as in CLIP") }
        }
        for name in ["fuse_unk", "byte_fallback", "ignore_merges"] where try model.flag(name, default: false) {
            throw model.wrong(name, "false, as in CLIP")
        }
        if !model.isNull("dropout"), try model.number("dropout", default: 0) != 0 {
            throw model.wrong("dropout", "null, as in CLIP")
        }
    }

    private static let words = #"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"#
    private static let specialWords = #"<\|startoftext\|>|<\|endoftext\|>|"#

    private static func checkSteps(_ file: JSONFile) throws(CheckpointError) {
        let normalizers = try file.object("normalizer")?.objects("normalizers") ?? []
        guard normalizers.count == 3, try normalizers[0].text("type") == "NFC",
            try normalizers[1].text("type") == "Replace", try normalizers[2].text("type") == "Lowercase",
            try normalizers[1].object("pattern")?.text("Regex") == #"\s+"#, try normalizers[1].text("content") == " "
        else { throw file.wrong("normalizer", #"CLIP's: NFC, \s+ to one space, lower case"#) }
        let splitters = try file.object("pre_tokenizer")?.objects("pretokenizers") ?? []
        guard splitters.count == 2, try splitters[0].text("type") == "Split",
            let pattern = try splitters[0].object("pattern")?.text("Regex"),
            [words, specialWords + words].contains(pattern),
            try splitters[0].text("behavior") == "Removed", try splitters[0].flag("invert", default: false),
            try splitters[1].text("type") == "ByteLevel", try !splitters[1].flag("add_prefix_space", default: true)
        else { throw file.wrong("pre_tokenizer", "CLIP's: Split by its regular expression, then ByteLevel") }
    }

    private static func ends(_ file: JSONFile) throws(CheckpointError) -> (start: Named, end: Named)? {
        guard let processor = try file.object("post_processor") else { return nil }
        switch try processor.text("type") {
        case "RobertaProcessing":
            func named(_ key: String) throws(CheckpointError) -> Named {
                guard let pair = processor.list(key), pair.count == 2, let text = pair[0] as? String,
                    let number = pair[1] as? NSNumber
                else { throw processor.wrong(key, "a token and its number") }
                return Named(text: text, number: number.intValue)
            }
            return (try named("cls"), try named("sep"))
        case "TemplateProcessing":
            let parts = try processor.objects("single") ?? []
            let table = try processor.object("special_tokens")
            func named(_ part: JSONFile) throws(CheckpointError) -> Named {
                guard let text = try part.object("SpecialToken")?.text("id"),
                    let numbers = try table?.object(text)?.list("ids") as? [NSNumber], numbers.count == 1
                else { throw processor.wrong("single", "a start token, the text and an end token") }
                return Named(text: text, number: numbers[0].intValue)
            }
            guard parts.count == 3, parts[1].has("Sequence") else {
                throw processor.wrong("single", "a start token, the text and an end token")
            }
            return (try named(parts[0]), try named(parts[2]))
        default: throw processor.wrong("type", "RobertaProcessing or TemplateProcessing")
        }
    }
}
