import Foundation
import System

/// A directory of models in the layout of Hugging Face's cache, shared with Hugging Face's own programs.
///
///     models--OWNER--NAME/blobs/TAG                 the contents, by checksum
///                         snapshots/COMMIT/FILE     links to them
///                         refs/REVISION             the commit that a branch or tag meant when it was fetched
package struct ModelStore: Sendable {
    /// The directory of models that were fetched for the service.
    package static let serviceDirectory = "/var/lib/watchword/models"

    package let path: String

    package init(path: String) { self.path = path }

    /// The stores in the order in which they are searched: the user's cache, then the service's directory.
    package static func all(environment: [String: String]) -> [ModelStore] {
        let state = environment["STATE_DIRECTORY"].flatMap { $0.isEmpty || $0.contains(":") ? nil : $0 + "/models" }
        let cache = (try? HubSettings(environment: environment))?.cache
        return [cache, state ?? serviceDirectory].compactMap { $0 }.map(ModelStore.init)
    }

    /// The directory of a complete model; nil if it has not been fetched.
    package func directory(of name: ModelName) -> String? {
        guard let commit = commit(of: name) else { return nil }
        let snapshot = snapshot(commit, of: name)
        return Self.isWhole(snapshot) ? snapshot : nil
    }

    /// Whether a directory has all the files of a model.
    static func isWhole(_ directory: String) -> Bool {
        func has(_ file: String) -> Bool { FileManager.default.fileExists(atPath: directory + "/" + file) }
        return has("config.json") && ModelFiles.preprocessor.contains(where: has)
            && ModelFiles.tokenizers.contains { $0.allSatisfy(has) }
            && ModelFiles.weights.contains { weights in
                guard has(weights) else { return false }
                guard ModelFiles.isIndex(weights) else { return true }
                let shards = try? ModelFiles.shards(ofIndex: directory + "/" + weights)
                return shards?.allSatisfy(has) ?? false
            }
    }

    func blob(_ tag: String, of name: ModelName) -> String { repository(name) + "/blobs/" + tag }

    func snapshot(_ commit: String, of name: ModelName) -> String { repository(name) + "/snapshots/" + commit }

    /// Makes the directories that a download goes into.
    func prepare(for name: ModelName, commit: String) throws(ModelHubError) {
        for directory in [repository(name) + "/blobs", snapshot(commit, of: name)] {
            do {
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            } catch {
                throw ModelHubError(
                    .storage,
                    "\(directory): cannot be made: \(Self.reason(error)); name another place in HF_HOME"
                )
            }
        }
    }

    /// Links `file` of the snapshot to the contents `tag`.
    func link(_ file: String, to tag: String, of name: ModelName, commit: String) throws(ModelHubError) {
        let destination = snapshot(commit, of: name) + "/" + file
        let stage = destination + ".link-\(getpid())"
        unlink(stage)
        guard symlink("../../blobs/\(tag)", stage) == 0, rename(stage, destination) == 0 else {
            let code = errno
            unlink(stage)
            throw PartialFile.failure(destination, code)
        }
    }

    /// Points the name's revision to this commit.
    func publish(_ commit: String, as name: ModelName) throws(ModelHubError) {
        guard name.revision != commit else { return }
        let file = repository(name) + "/refs/" + name.revision
        do {
            try FileManager.default.createDirectory(
                atPath: (file as NSString).deletingLastPathComponent,
                withIntermediateDirectories: true
            )
            try Data(commit.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch {
            throw ModelHubError(.storage, "\(file): cannot be written: \(Self.reason(error))")
        }
    }

    private func commit(of name: ModelName) -> String? {
        let revision = name.revision
        if Self.isCommit(revision) { return revision }
        let file = repository(name) + "/refs/" + revision
        guard let bytes = try? RegularFile.contents(of: file, limit: 1000) else { return nil }
        let commit = String(decoding: bytes.prefix(100), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return Self.isCommit(commit) ? commit : nil
    }

    private func repository(_ name: ModelName) -> String {
        path + "/models--" + name.repository.replacing("/", with: "--")
    }

    private static func isCommit(_ text: String) -> Bool { text.utf8.count == 40 && text.allSatisfy(\.isHexDigit) }

    private static func reason(_ error: any Error) -> String {
        let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error
        return (cause as? POSIXError).map { Errno($0.code.rawValue).description } ?? error.localizedDescription
    }
}
