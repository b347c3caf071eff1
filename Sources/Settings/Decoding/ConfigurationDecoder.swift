import ConfigurationText

/// Turns the file's nodes and the environment into a configuration, and collects all errors.
struct ConfigurationDecoder {
    static let streamLimit = 256

    let file: String
    var context: DecodingContext
    private let environment: EnvironmentOverrides
    private let modelDefaults: ModelDefaults.Lookup
    private let eventDefaults: EventSettings
    private(set) var settings: [EffectiveSetting] = []

    init(file: String, environment: [String: String], modelDefaults: @escaping ModelDefaults.Lookup) {
        self.file = file
        self.modelDefaults = modelDefaults
        self.environment = EnvironmentOverrides(environment)
        eventDefaults = EventSettings(environment: environment)
        context = DecodingContext(interpolation: Interpolation(environment: environment))
    }

    /// For the fleet's configuration, which no host's `WATCHWORD_…` variables override.
    init(fleetFile file: String, context: DecodingContext, modelDefaults: @escaping ModelDefaults.Lookup) {
        self.file = file
        self.modelDefaults = modelDefaults
        self.context = context
        environment = EnvironmentOverrides([:])
        eventDefaults = EventSettings()
    }

    mutating func decode(_ document: YAMLDocument) throws(ConfigurationError) -> Configuration {
        context.report(document.diagnostics)
        guard let root = document.root else { throw error }
        if case .mapping(let entries) = root.content {
            let known = Schema.sections.map(\.name)
            // Keys of this form only hold anchors.
            for entry in entries where !known.contains(entry.key) && !entry.key.hasPrefix("x-") {
                context.reportUnknown(entry, in: nil, known: known)
            }
        } else {
            context.report(root.place, "the file holds \(root.kind)", remedy: "write keys in it, such as streams:")
            throw error
        }
        context.report(environment.unknown())

        let model = section("model", Schema.model, SourcedSection(ModelSettings()), root)
        let events = section("events", Schema.events, SourcedSection(eventDefaults), root)
        let log = section("log", Schema.log, SourcedSection(LogSettings()), root)
        let http = http(root)
        let mqtt = mqtt(root)
        let webhooks = webhooks(root, events.value)
        let fleet = fleet(root)
        let defaults = defaults(root, model)
        // A host of a fleet may have no streams of its own.
        let hasFleet = root.entry("fleet").map { !$0.value.isNull } ?? false
        let isComplete = root.entry("streams") != nil || !hasFleet
        let streams = isComplete ? streams(root, StreamDecoder(defaults: defaults), limit: Self.streamLimit) : []

        guard context.diagnostics.isEmpty else { throw error }
        return Configuration(
            model: model.value,
            events: events.value,
            log: log.value,
            http: http,
            mqtt: mqtt,
            webhooks: webhooks,
            fleet: fleet,
            streams: streams,
            settings: settings,
            secrets: context.secrets
        )
    }

    /// Reads the settings of all streams. They override the model's own.
    mutating func defaults(
        _ root: SourceNode,
        _ model: SourcedSection<ModelSettings>
    ) -> SourcedSection<StreamOptions> {
        var options = SourcedSection(StreamOptions())
        // A model's file comes from elsewhere: a ${NAME} in it must not reach the operator's secrets.
        var ofModel = DecodingContext(interpolation: Interpolation(environment: [:]))
        modelDefaults(model.value.path)?.read(into: &options, &ofModel)
        context.report(ofModel.diagnostics)
        var defaults = section("defaults", Schema.stream, options, root)
        // A threshold of the file below the model's own release: the file is what its owner can change.
        let isModels = { defaults.places[$0] == options.places[$0] }
        let own = isModels("release") && !isModels("threshold") ? ["threshold"] : Array(defaults.places.keys)
        context.checkRules(defaults.rules, own: own, path: "defaults")
        defaults.value.forgetTextThresholds(setting: defaults.places.keys.filter { !isModels($0) })
        defaults.value.frames = model.value.frames
        defaults.value.precision = model.value.precision
        defaults.value.reuse = model.value.reuse
        for key in Schema.ofModel.map(\.name) {
            defaults.places[key] = model.places[key]
            defaults.shown[key] = model.shown[key]
        }
        return defaults
    }

    var error: ConfigurationError {
        ConfigurationError(context.diagnostics.sorted { $0.place < $1.place })
    }

    /// Reads the section of the page and the API. Returns nil, so that nothing is served, if neither the file nor the
    /// environment has the section.
    private mutating func http(_ root: SourceNode) -> HTTPSettings? {
        let isSet = environment.hasVariable(of: "http", Schema.http.map(\.name))
        guard isSet || root.entry("http") != nil else { return nil }
        var section = section("http", Schema.http, SourcedSection(HTTPSettings()), root)
        let place = section.places["listen"] ?? root.entry("http")?.keyPlace ?? .file(file)
        context.completeHTTP(&section, place: place)
        return section.value
    }

    /// Reads a section. The file overrides the initial values; the environment overrides the file.
    mutating func section<Section>(
        _ name: String,
        _ keys: [OptionKey<Section>],
        _ initial: SourcedSection<Section>,
        _ root: SourceNode
    ) -> SourcedSection<Section> {
        var section = initial
        if let node = root.entry(name)?.value {
            context.read(node, into: &section, keys, path: name)
        }
        for key in keys {
            let isSingle = key.isSingleValue
            if let node = environment.node(section: name, key: key.name, isSingleValue: isSingle, &context) {
                section.set(key, from: node, path: name, &context)
            }
        }
        settings += section.settings(keys, path: name)
        return section
    }

    mutating func add(_ more: [EffectiveSetting]) { settings += more }

    /// Keeps only the first `count` settings.
    mutating func keepSettings(_ count: Int) { settings = Array(settings.prefix(count)) }

    /// Reads the streams.
    ///
    /// - Parameters:
    ///   - decoder: of a stream.
    ///   - limit: the most streams.
    mutating func streams(_ root: SourceNode, _ decoder: StreamDecoder, limit: Int) -> [StreamConfiguration] {
        guard let entry = root.entry("streams") else {
            context.report(.file(file), "there are no streams", remedy: "add streams: with at least one stream")
            return []
        }
        guard case .sequence(let nodes) = entry.value.content, !nodes.isEmpty else {
            let remedy = "list at least one stream, as in - {name: door, url: …, labels: […]}"
            let isEmpty = if case .sequence = entry.value.content { true } else { entry.value.isNull }
            let message = isEmpty ? "there are no streams" : "streams must be a list, not \(entry.value.kind)"
            context.report(entry.value.isNull ? entry.keyPlace : entry.value.place, message, remedy: remedy)
            return []
        }
        guard nodes.count <= limit else {
            let message = "there are \(nodes.count) streams, more than \(limit)"
            context.report(entry.value.place, message, remedy: "distribute them over several daemons")
            return []
        }
        var decoder = decoder
        let streams = nodes.enumerated().compactMap { decoder.decode($1, number: $0 + 1, &context) }
        settings += decoder.settings
        return streams
    }
}
