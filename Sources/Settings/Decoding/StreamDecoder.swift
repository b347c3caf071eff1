import ConfigurationText
import Signals

/// Reads the streams in order. Each overrides the defaults.
struct StreamDecoder {
    let defaults: SourcedSection<StreamOptions>
    private(set) var settings: [EffectiveSetting] = []
    /// The names of the streams so far, with their places.
    private var names: [String: Place]

    /// - Parameter names: the names that are taken, with their places.
    init(defaults: SourcedSection<StreamOptions>, names: [String: Place] = [:]) {
        self.defaults = defaults
        self.names = names
    }

    mutating func append(_ more: [EffectiveSetting]) {
        settings += more
    }

    private static var keys: [OptionKey<StreamOptions>] { Schema.stream + Schema.ofModel }

    /// Reads a stream. Returns nil if it is wrong and was reported.
    ///
    /// - Parameter number: the stream's position in the list, from 1.
    mutating func decode(_ node: SourceNode, number: Int, _ context: inout DecodingContext) -> StreamConfiguration? {
        guard case .mapping = node.content else {
            let remedy = "write it like {name: door, url: …, labels: […]}"
            context.report(node.place, "streams[\(number)] must be a mapping, not \(node.kind)", remedy: remedy)
            return nil
        }
        let name = name(node, number: number, &context)
        let path = name.map { "streams.\($0)" } ?? "streams[\(number)]"
        let url = url(node, path: path, &context)

        var options = defaults
        let own = context.read(node, into: &options, Self.keys, others: Schema.streamOwn, path: path)
        context.checkRules(options.rules, own: own, path: path)
        options.value.forgetTextThresholds(setting: own)
        settings += options.settings(Self.keys, path: path)

        let input = input(node, path: "\(path).input", &context)
        var labelDecoder = LabelDecoder(options: options, path: path)
        let labels = labelDecoder.decode(node, &context)
        settings += labelDecoder.settings

        if let url { checkSource(url, own: own, node, path: path, &context) }
        guard let name, let url, let labels else { return nil }
        return StreamConfiguration(
            name: name,
            url: url,
            labels: labels.filter { Signal(label: $0.text) == nil },
            signals: labels.compactMap { label in
                Signal(label: label.text).map { SignalConfiguration(signal: $0, label: label) }
            },
            input: input,
            options: options.value
        )
    }

    private mutating func name(_ node: SourceNode, number: Int, _ context: inout DecodingContext) -> String? {
        guard let entry = node.entry("name") else {
            context.report(node.place, "streams[\(number)] has no name", remedy: "add a short one, such as name: door")
            return nil
        }
        let path = "streams[\(number)].name"
        guard let name = context.name(of: entry.value, path: path, example: "door", hyphens: true) else { return nil }
        if let first = names[name] {
            let message = "the stream name \"\(name)\" is already used at \(first)"
            context.report(entry.value.place, message, remedy: "give each stream its own name")
        } else {
            names[name] = entry.value.place
        }
        return name
    }

    private mutating func url(_ node: SourceNode, path: String, _ context: inout DecodingContext) -> StreamURL? {
        let example = "rtsp://camera.local/stream2"
        guard let entry = node.entry("url") else {
            context.report(node.place, "\(path) has no url", remedy: "add one, such as url: \(example)")
            return nil
        }
        let scalar = context.text(
            of: entry.value,
            path: "\(path).url",
            example: example,
            isURL: true,
            TextRules.source
        )
        guard let scalar else { return nil }
        guard !scalar.isExpanded || !scalar.text.hasPrefix("exec:") else {
            let message = "\(path).url puts a secret into a command, whose words everyone on this machine can read"
            context.report(
                entry.value.place,
                message,
                remedy: "have the command read it from a file or its environment"
            )
            return nil
        }
        guard !context.isShared || !scalar.hasWrittenPassword else {
            let message = "\(path).url holds a password, which the fleet's servers would keep"
            let remedy = "write ${NAME}, which each host reads from its own credentials"
            context.report(entry.value.place, message, remedy: remedy)
            return nil
        }
        let url = StreamURL(scalar.text, template: scalar.template)
        settings.append(EffectiveSetting(path: "\(path).url", value: url.redacted, place: entry.value.place))
        return url
    }

    /// Reports options that mean nothing to this kind of source.
    private func checkSource(
        _ url: StreamURL,
        own: [String],
        _ node: SourceNode,
        path: String,
        _ context: inout DecodingContext
    ) {
        // The scheme may be part of what a reference stands for.
        let address = context.knowsReferences ? url.expanded : url.redacted
        let scheme = address.prefix { $0 != ":" }.lowercased()
        guard !scheme.contains("${") else { return }
        let kinds = [
            "poll": ["http", "https"], "headers": ["http", "https"], "tls": ["rtsps", "https", "rtmps"],
            "transport": ["rtsp", "rtsps", "onvif"],
        ]
        for key in own {
            guard let schemes = kinds[key], !schemes.contains(scheme), let entry = node.entry(key) else { continue }
            context.report(
                entry.keyPlace,
                "\(path).\(key) is for sources of \(schemes.joined(separator: ", ")) only",
                remedy: "remove it"
            )
        }
    }
}
