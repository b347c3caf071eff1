import Checkpoints
import Foundation

/// Reads a tokenizer's files as transformers does.
///
/// Source: `_from_pretrained` in tokenization_utils_base.py, `TokenizersBackend` and `CLIPTokenizer`. What transformers 4
/// and 5 read differently is refused.
struct TokenizerFiles {
    private(set) var vocabulary: [String: Int] = [:]
    private(set) var pairs: [(String, String)] = []
    private(set) var added: AddedVocabulary
    private(set) var start: String
    private(set) var end: String
    private(set) var padding: String
    private(set) var unknown: String
    /// Whether special tokens in a text are words like any other.
    private(set) var splitsSpecial = false
    /// The names of the files that were read.
    private(set) var names: [String] = []
    /// The file that holds the vocabulary.
    let path: String

    private static let attributes = [
        "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
    ]
    /// Classes that take everything from tokenizer.json.
    private static let genericClasses: Set = [
        "TokenizersBackend", "PreTrainedTokenizerFast", "PreTrainedTokenizer", "PythonBackend",
    ]

    private let directory: String
    /// The special tokens by their keys, and those without a key of their own.
    private var named: [String: AddedToken] = [:]
    private var extra: [AddedToken] = []
    /// The added tokens by the numbers that the files state.
    private var stated: [Int: AddedToken] = [:]
    private var isGeneric = false

    init(directory: String) throws(CheckpointError) {
        self.directory = directory
        let whole = directory + "/tokenizer.json"
        let hasWhole = FileManager.default.fileExists(atPath: whole)
        path = hasWhole ? whole : directory + "/vocab.json"
        (start, end) = (Tokenizer.startText, Tokenizer.endText)
        (unknown, padding) = (end, end)
        added = AddedVocabulary([:])

        let configuration = try optional("tokenizer_config.json")
        if let configuration { try readClass(configuration, hasWhole: hasWhole) }
        let file = hasWhole ? try TokenizerJSON(path: whole) : nil
        if let file {
            names.append("tokenizer.json")
            (vocabulary, pairs) = (file.vocabulary, file.pairs)
        } else {
            vocabulary = try JSONFile(path: path, limit: Tokenizer.maximumBytes).wholeNumbers()
            pairs = try MergesFile.pairs(path: directory + "/merges.txt")
            names += ["vocab.json", "merges.txt"]
        }
        added = AddedVocabulary(vocabulary)
        if let configuration { try readSpecialTokens(configuration) }
        if let decoder = try configuration?.object("added_tokens_decoder") {
            try readDecoder(decoder)
        } else {
            if let map = try optional("special_tokens_map.json") { try readSpecialTokens(map, isMap: true) }
            if let legacy = try optional("added_tokens.json") { try readLegacy(legacy) }
            for (number, token) in file?.added ?? [] { stated[number] = token }
        }
        guard stated.count + extra.count <= Tokenizer.maximumAdded else {
            throw CheckpointError(.malformed, at: path, "more than \(Tokenizer.maximumAdded) tokens are added to it")
        }
        add()
        try nameEnds(file)
    }

    private mutating func optional(_ name: String) throws(CheckpointError) -> JSONFile? {
        guard FileManager.default.fileExists(atPath: directory + "/" + name) else { return nil }
        names.append(name)
        return try JSONFile(path: directory + "/" + name)
    }

    private mutating func readClass(_ file: JSONFile, hasWhole: Bool) throws(CheckpointError) {
        func refuse(_ what: String, _ remedy: String) -> CheckpointError {
            CheckpointError(.unsupported, at: file.path, "\(what); \(remedy)")
        }
        if let name = try file.text("tokenizer_class") {
            isGeneric = Self.genericClasses.contains(name)
            guard isGeneric || name == "CLIPTokenizer" || name == "CLIPTokenizerFast" else {
                throw refuse(
                    "tokenizer_class is \(name.debugDescription), not CLIPTokenizer",
                    "save the model with the tokenizer that its text encoder was trained with"
                )
            }
            guard !isGeneric || hasWhole else {
                throw refuse("tokenizer_class is \(name.debugDescription), which requires a tokenizer.json", "add it")
            }
        }
        for name in ["padding_side", "truncation_side"] where try file.text(name, default: "right") != "right" {
            throw refuse("\(name) is not \"right\"", "texts would get other positions than in training; remove it")
        }
        if file.has("auto_map"), !file.isNull("auto_map") {
            throw refuse("auto_map names a tokenizer of its own code, which is not run", "save CLIP's own tokenizer")
        }
        splitsSpecial = try file.flag("split_special_tokens", default: false)
    }

    /// - Parameter isMap: whether it is special_tokens_map.json, whose objects need no type.
    private mutating func readSpecialTokens(_ file: JSONFile, isMap: Bool = false) throws(CheckpointError) {
        func token(_ name: String) throws(CheckpointError) -> AddedToken {
            guard file.isObject(name), let entry = try file.object(name) else {
                return AddedToken(try file.text(name, default: ""), isSpecial: true)
            }
            let type = try entry.text("__type")
            guard isMap || type == "AddedToken" else {
                throw file.wrong(name, "a string, or an object with \"__type\": \"AddedToken\"")
            }
            return try AddedToken(entry, isSpecial: isMap ? true : nil)
        }
        for name in file.names.sorted() where name.hasSuffix("_token") {
            if file.isNull(name), !["bos_token", "eos_token", "unk_token", "pad_token"].contains(name) { continue }
            // `add_bos_token` and its like are no tokens.
            if (try? file.flag(name, default: false)) != nil { continue }
            named[name] = try token(name)
        }
        for name in ["additional_special_tokens", "extra_special_tokens"] {
            guard file.has(name), !file.isNull(name) else { continue }
            if let texts = file.list(name) as? [String] {
                extra += texts.map { AddedToken($0, isSpecial: true) }
            } else if let entries = try file.objects(name) {
                for entry in entries { extra.append(try AddedToken(entry, isSpecial: true)) }
            }
        }
    }

    private mutating func readDecoder(_ decoder: JSONFile) throws(CheckpointError) {
        for name in decoder.names {
            guard let number = Int(name), number >= 0, number < 1 << 30, let entry = try decoder.object(name) else {
                throw decoder.wrong(name, "an object under a token's number")
            }
            stated[number] = try AddedToken(entry)
        }
    }

    private mutating func readLegacy(_ file: JSONFile) throws(CheckpointError) {
        let special = Set(named.values.map(\.content) + extra.map(\.content))
        for (text, number) in try file.wholeNumbers() {
            stated[number] = AddedToken(text, isSpecial: special.contains(text))
        }
    }

    /// Adds the tokens in the order of transformers: those with numbers, the named special ones, the others.
    private mutating func add() {
        let ordered = stated.sorted { $0.key < $1.key }.map(\.value)
        for token in ordered { added.add(token) }
        func place(_ key: String) -> Int { Self.attributes.firstIndex(of: key) ?? Self.attributes.count }
        var texts = named
        if !isGeneric {
            for (key, text) in [("bos_token", start), ("eos_token", end), ("unk_token", end), ("pad_token", end)]
            where texts[key] == nil { texts[key] = AddedToken(text, isSpecial: true) }
        }
        named = texts
        for (_, token) in texts.sorted(by: { (place($0.key), $0.key) < (place($1.key), $1.key) })
            + extra.map({ ("", $0) })
        where !added.contents.contains(token.content) { added.add(token) }
    }

    /// Which tokens begin and end a text.
    private mutating func nameEnds(_ file: TokenizerJSON?) throws(CheckpointError) {
        unknown = isGeneric ? file?.unknown ?? "" : named["unk_token"]?.content ?? unknown
        padding = named["pad_token"]?.content ?? file?.processorEnds?.end.text ?? padding
        let ends = file?.processorEnds
        if isGeneric, let ends {
            (start, end) = (ends.start.text, ends.end.text)
        } else {
            start = named["bos_token"]?.content ?? start
            end = named["eos_token"]?.content ?? end
        }
        if let ends {
            for (entry, name) in [(ends.start, start), (ends.end, end)]
            where entry.text != name || entry.number != added.number(of: name) {
                throw CheckpointError(
                    .malformed,
                    at: path,
                    "post_processor puts \(entry.text.debugDescription) (\(entry.number)) where tokenizer_config.json and the "
                        + "vocabulary have \(name.debugDescription) (\(added.number(of: name).map { "\($0)" } ?? "no number")); "
                        + "save the tokenizer again"
                )
            }
        } else if isGeneric {
            throw CheckpointError(
                .malformed,
                at: path,
                "post_processor adds no start and end of the text, as CLIP's does"
            )
        }
    }
}
