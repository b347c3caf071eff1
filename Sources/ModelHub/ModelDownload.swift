import Foundation

/// Fetches a model from the hub into a store: what `model pull` does.
///
/// The small files come first, so that a repository without an X-CLIP model is refused before hundreds of megabytes are
/// fetched. A file gets its name once it is complete and its checksum is right; the model gets its name once all files are
/// there. Files that are there already are not fetched again.
package struct ModelDownload {
    /// How far one file is.
    package struct Progress: Sendable {
        package enum Step: Sendable, Equatable {
            case fetching, verifying
            /// The hub has asked to come back after this time.
            case waiting(Duration)
        }
        package let file: String
        package let step: Step
        package let bytes: Int
        /// Nil if the hub does not say.
        package let total: Int?
    }

    package struct Report: Sendable {
        package let name: ModelName
        /// Nil if the hub was not asked.
        package internal(set) var commit: String?
        /// The model's directory, for `--model`, which also takes the name.
        package internal(set) var directory: String
        package internal(set) var files: [String] = []
        /// The size of all files.
        package internal(set) var byteCount = 0
        /// The bytes that came over the network.
        package internal(set) var fetchedByteCount = 0
        /// Files that the hub gave no checksum for.
        package internal(set) var unverified: [String] = []
        /// Why the hub was not asked, or could not be: the model is the one fetched before.
        package internal(set) var offline: String?
    }

    private let name: ModelName
    private let settings: HubSettings
    private let store: ModelStore
    private let agent: String

    /// - Parameter agent: the user agent.
    package init(_ name: ModelName, settings: HubSettings, store: ModelStore, agent: String) {
        self.name = name
        self.settings = settings
        self.store = store
        self.agent = agent
    }

    /// - Throws: `ModelHubError` in one line. The data fetched so far stay, and the next run resumes there.
    package func run(progress: @escaping (Progress) -> Void = { _ in }) throws(ModelHubError) -> Report {
        let there = store.directory(of: name)
        if settings.isOffline {
            guard let there else {
                throw ModelHubError(
                    .unreachable,
                    "\(name) is not in \(store.path), and HF_HUB_OFFLINE forbids asking the hub"
                )
            }
            return Report(name: name, directory: there, offline: "HF_HUB_OFFLINE is set")
        }
        do throws(ModelHubError) {
            return try fetchAll(progress)
        } catch {
            guard error.code == .unreachable, let there else { throw error }
            return Report(name: name, directory: there, offline: error.message)
        }
    }

    private func fetchAll(_ progress: @escaping (Progress) -> Void) throws(ModelHubError) -> Report {
        let client = try HubClient(name, settings: settings, agent: agent)
        client.onWait = { progress(Progress(file: "", step: .waiting($0), bytes: 0, total: nil)) }
        guard let configuration = try client.entry("config.json", revision: name.revision) else {
            throw ModelHubError(
                .notFound,
                "\(name) has no config.json: it is not a model for Hugging Face's transformers"
            )
        }
        let commit = configuration.commit
        var report = Report(name: name, commit: commit, directory: store.snapshot(commit, of: name))
        try store.prepare(for: name, commit: commit)
        func fetch(_ entry: HubClient.Entry) throws(ModelHubError) {
            try self.fetch(entry, commit, client, &report, progress)
        }
        /// Fetches a file of the commit, so that all files belong together. False if the repository does not have it.
        func take(_ file: String) throws(ModelHubError) -> Bool {
            guard let entry = try client.entry(file, revision: commit) else { return false }
            try fetch(entry)
            return true
        }

        try fetch(configuration)
        let type = ModelFiles.type(ofConfiguration: report.directory + "/config.json") ?? "none"
        guard type == "xclip" else {
            throw ModelHubError(
                .unexpected,
                "\(name) is not an X-CLIP model: its config.json has model_type \"\(type)\""
            )
        }
        var processors: [String] = []
        for file in ModelFiles.preprocessor where try take(file) { processors.append(file) }
        guard !processors.isEmpty else {
            throw ModelHubError(
                .notFound,
                "\(name) has neither processor_config.json nor preprocessor_config.json, which say how pictures are scaled"
            )
        }
        var tokenizer = Set<String>()
        for file in ModelFiles.tokenizers.joined() where try take(file) { tokenizer.insert(file) }
        guard ModelFiles.tokenizers.contains(where: { tokenizer.isSuperset(of: $0) }) else {
            throw ModelHubError(.notFound, "\(name) has neither tokenizer.json nor vocab.json with merges.txt")
        }
        for file in ModelFiles.others { _ = try take(file) }
        guard let weights = try first(of: ModelFiles.weights, take) else {
            throw ModelHubError(.notFound, "\(name) has no weights: neither model.safetensors nor pytorch_model.bin")
        }
        if ModelFiles.isIndex(weights) {
            for shard in try ModelFiles.shards(ofIndex: report.directory + "/" + weights) {
                guard try take(shard) else {
                    throw ModelHubError(.notFound, "\(name) lacks \(shard), which its \(weights) names")
                }
            }
        }
        try store.publish(commit, as: name)
        return report
    }

    private func first(
        of files: [String],
        _ take: (String) throws(ModelHubError) -> Bool
    ) throws(ModelHubError) -> String? {
        for file in files where try take(file) { return file }
        return nil
    }

    private func fetch(
        _ entry: HubClient.Entry,
        _ commit: String,
        _ client: HubClient,
        _ report: inout Report,
        _ progress: @escaping (Progress) -> Void
    ) throws(ModelHubError) {
        let blob = store.blob(entry.tag, of: name)
        if !FileManager.default.fileExists(atPath: blob) {
            let part = try PartialFile(path: blob + ".incomplete")
            let start = part.byteCount
            if let total = entry.byteCount { try part.requireRoom(for: total) }
            try client.fetch(entry, into: part) {
                progress(Progress(file: entry.file, step: .fetching, bytes: $0, total: entry.byteCount))
            }
            report.fetchedByteCount += max(0, part.byteCount - start)
            if let digest = FileDigest(tag: entry.tag) {
                let isRight = try digest.matches(file: part.path) {
                    progress(Progress(file: entry.file, step: .verifying, bytes: $0, total: part.byteCount))
                }
                guard isRight else {
                    part.discard()
                    throw ModelHubError(
                        .damaged,
                        "\(client.place(entry.file)): the file does not have the checksum that the hub gives; pull again"
                    )
                }
            } else {
                report.unverified.append(entry.file)
            }
            try part.finish(as: blob)
        }
        try store.link(entry.file, to: entry.tag, of: name, commit: commit)
        report.files.append(entry.file)
        let attributes = try? FileManager.default.attributesOfItem(atPath: blob)
        report.byteCount += (attributes?[.size] as? Int) ?? 0
    }
}
