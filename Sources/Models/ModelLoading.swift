import Kernels
package import XCLIP

/// A model and the embeddings of all texts it will be asked about; the text encoder's weights are gone again.
package struct LoadedModel {
    package let model: XCLIPModel
    package let directory: String

    /// `threads`: how many the text encoder may use.
    package static func load(_ name: String) throws -> LoadedModel {
        let directory = try ModelLocation.directory(of: name)
        let called = ModelLocation.calledName(of: name)
        return LoadedModel(model: try XCLIPModel(directory: directory, name: called), directory: directory)
    }

    /// The embeddings of each list of texts; the text encoder is read once for all of them, and let go of.
    package func embeddings(of lists: [[String]], threads: Int) throws -> [LabelEmbeddings] {
        let embeddings = try encode(lists, threads: threads)
        // What reading the files left free would stay resident for years.
        returnFreeMemory()
        return embeddings
    }

    private func encode(_ lists: [[String]], threads: Int) throws -> [LabelEmbeddings] {
        let encoder = try TextEncoder(directory: directory, backend: model.backend)
        return try lists.map { try encoder.encode($0, threads: threads) }
    }
}
