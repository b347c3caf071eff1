import Checkpoints
package import Kernels
package import Recognition
import System
package import Text
package import XCLIP

/// A loaded model, which encodes texts on demand, unless it has done so before. The text encoder's weights are freed after
/// each use.
package struct LoadedModel {
    package let model: XCLIPModel
    package let directory: String
    /// What the files were when the model was loaded from them.
    private let files: ModelFilesState
    /// Names the model (`ModelDigest`); the same for every copy of it.
    package let digest: String
    /// Names what its files held when it was loaded (`ModelVersion`).
    let version: String?
    private let cache: PackedCache?
    /// What the weights were packed into; nil if it is not kept.
    private let packed: PackedFile.Draft?

    /// Loads a model and tries it out.
    ///
    /// - Parameters:
    ///   - name: a directory, a model's name on the hub, or `embedded`.
    ///   - frames: of a window; nil for as many as the model was trained for.
    ///   - precision: how steps are scored.
    ///   - hasFloats: whether to read the weights in floats too; `readFloats` reads them later.
    ///   - backend: how products are computed.
    ///   - cache: where weights in int8 and embeddings are kept; nil to make them each time.
    ///   - keepsPacked: whether to write the weights in int8 at once; `keepPacked` writes them later.
    /// - Throws: `CheckpointError` or `OperationError` if there is no such model, it is of no use, or it needs more memory
    ///   than this process may have.
    package static func load(
        _ name: String,
        frames: Int? = nil,
        precision: PrecisionChoice,
        hasFloats: Bool = true,
        backend: KernelBackend = .best,
        cache: PackedCache? = .own(),
        keepsPacked: Bool = true
    ) throws -> LoadedModel {
        let precision = precision.precision(on: backend)
        let directory = try ModelLocation.directory(of: name)
        let called = ModelLocation.calledName(of: name)
        let files = ModelFilesState(directory: directory)
        let digest = ModelDigest.of(directory)
        let version = ModelVersion.of(directory, digest: digest)
        let file = directory + "/config.json"
        if let configuration = try? XCLIPConfiguration(path: file).with(frames: frames, path: file) {
            let weightBytes = ModelFilesState.weightBytes(in: directory)
            try ModelMemory(configuration, weightBytes: weightBytes, precision).check(model: called ?? directory)
        }
        var packed: PackedFile?
        let model = try XCLIPModel(
            directory: directory,
            name: called,
            frames: frames,
            precision: precision,
            hasFloats: hasFloats,
            backend: backend
        ) { checkpoint in
            guard precision == .int8 else { return nil }
            packed = cache?.file(for: checkpoint, of: directory, digest: digest, backend: backend)
            return packed
        }
        let loaded = LoadedModel(
            model: model,
            directory: directory,
            files: files,
            digest: digest,
            version: version,
            cache: cache,
            packed: packed?.draft
        )
        try loaded.checkFiles()
        try ModelTrial(model, threads: inferenceThreads()).run(place: directory)
        if keepsPacked { loaded.keepPacked() }
        return loaded
    }

    /// Writes the weights in int8 for the next start, unless they were read from the file. On any thread, while the
    /// model runs.
    package func keepPacked() {
        guard let packed, let cache, let fault = cache.keep(packed, of: model) else { return }
        cache.report("packed weights are not kept in \(cache.directory): \(fault); each start packs them")
    }

    /// Whether `name` still leads to the model that was loaded.
    ///
    /// - Throws: `OperationError` if it leads elsewhere, or the files have changed.
    package func check(isStill name: String) throws(OperationError) {
        let found = try ModelLocation.directory(of: name)
        guard found == directory else {
            throw OperationError("the model \(name) is \(found) now, and \(directory) runs; that needs a restart")
        }
        try checkFiles()
    }

    private func checkFiles() throws(OperationError) {
        guard let name = ModelFilesState(directory: directory).difference(from: files) else { return }
        let path = directory + "/" + name
        throw OperationError("\(path) has changed since the model was loaded from it; that needs a restart")
    }

    /// Reads what is computed in floats, unless that is done.
    ///
    /// - Throws: `CheckpointError` or `OperationError` if the files have changed since, or cannot be read.
    package func readFloats() throws {
        guard !model.hasFloats else { return }
        // With the text encoder, so that it is enough. An allocation that fails ends the process.
        let bytes = ModelFilesState.weightBytes(in: directory)
        guard MemoryLimit.permitsMapping(WeightArena.mappedBytes(for: bytes)) else {
            throw OperationError(
                "the system gives this process no memory for the model's floats, about \(bytes >> 20) MiB; check ulimit -v and "
                    + "the free memory"
            )
        }
        try model.readFloats(directory: directory, check: checkFiles)
        returnFreeMemory()
    }

    /// The embeddings of a stream's texts.
    ///
    /// - Throws: `OperationError` if two labels are the same to the model.
    package func embeddings(of specification: StreamSpecification, threads: Int) throws -> LabelEmbeddings {
        try LabelReading(directory: directory).requireDistinct(specification.labels.flatMap(\.texts))
        return try embeddings(of: [specification.texts], threads: threads)[0]
    }

    /// The embeddings of each list of texts. The text encoder is loaded once for all of them, then freed.
    ///
    /// - Parameter makeEncoder: loads the text encoder of the model in a directory.
    package func embeddings(
        of lists: [[String]],
        threads: Int,
        makeEncoder: (XCLIPModel, String) throws -> TextEncoder = { try TextEncoder(of: $0, directory: $1) }
    ) throws -> [LabelEmbeddings] {
        try checkFiles()
        let files = lists.map { cache?.file(for: $0, of: directory, digest: digest, backend: model.backend) }
        let found = zip(lists, files).map { $1?.embeddings(of: $0, width: model.configuration.embedding) }
        let embeddings = try encode(lists, found, threads: threads, makeEncoder)
        // Free memory of the allocator would otherwise stay resident.
        returnFreeMemory()
        // After the weights were read, so that a change at any time before is found: nothing of another model is kept.
        try checkFiles()
        let drafts = zip(files, embeddings).compactMap { file, embeddings in file.map { ($0.draft, embeddings) } }
        if let cache, let fault = cache.keep(drafts) {
            cache.report("embeddings of texts are not kept in \(cache.directory): \(fault); each start makes them")
        }
        return embeddings
    }

    /// - Parameter found: the embeddings of the lists that need no encoder.
    private func encode(
        _ lists: [[String]],
        _ found: [LabelEmbeddings?],
        threads: Int,
        _ makeEncoder: (XCLIPModel, String) throws -> TextEncoder
    ) throws -> [LabelEmbeddings] {
        guard found.contains(where: { $0 == nil }) else { return found.compactMap(\.self) }
        let encoder = try makeEncoder(model, directory)
        return try zip(lists, found).map { try $1 ?? encoder.encode($0, threads: threads) }
    }
}
