import Kernels
package import XCLIP

/// A loaded model, which encodes texts on demand. The text encoder's weights are freed after each use.
package struct LoadedModel {
    package let model: XCLIPModel
    package let directory: String

    /// - Parameter name: a directory, a model's name on the hub, or `embedded`.
    package static func load(_ name: String) throws -> LoadedModel {
        let directory = try ModelLocation.directory(of: name)
        let called = ModelLocation.calledName(of: name)
        return LoadedModel(model: try XCLIPModel(directory: directory, name: called), directory: directory)
    }

    /// The embeddings of each list of texts. The text encoder is loaded once for all of them, then freed.
    package func embeddings(of lists: [[String]], threads: Int) throws -> [LabelEmbeddings] {
        let embeddings = try encode(lists, threads: threads)
        // Free memory of the allocator would otherwise stay resident.
        returnFreeMemory()
        return embeddings
    }

    private func encode(_ lists: [[String]], threads: Int) throws -> [LabelEmbeddings] {
        let encoder = try TextEncoder(directory: directory, backend: model.backend)
        return try lists.map { try encoder.encode($0, threads: threads) }
    }
}
