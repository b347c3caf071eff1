import Foundation
import ModelHub
package import Text

/// Fetches a model from the hub: what `model pull` does.
package struct ModelPull {
    package struct Report: Sendable {
        let download: ModelDownload.Report

        /// For people.
        package var text: String {
            let name = download.name.description
            if let reason = download.offline {
                return "\(name) was fetched before; the hub was not asked: \(reason)\n  \(download.directory)"
            }
            let (all, fetched) = (Self.size(download.byteCount), Self.size(download.fetchedByteCount))
            let what = download.fetchedByteCount == 0 ? "all of it was here already" : "\(fetched) fetched"
            let checked =
                download.unverified.isEmpty
                ? "checksums right" : "no checksum available for \(download.unverified.joined(separator: ", "))"
            return """
                \(name): \(all) in \(download.files.count) files, \(what), \(checked)
                  \(download.directory)
                In the configuration: model: {path: \(name)}
                """
        }

        /// One JSON object; sizes in bytes.
        package var json: String {
            var line = JSONLine(type: "pull")
            line.add("name", download.name.description)
            line.add("commit", download.commit)
            line.add("directory", download.directory)
            line.add("files", download.files)
            line.add("bytes", download.byteCount)
            line.add("fetched_bytes", download.fetchedByteCount)
            line.add("unverified", download.unverified)
            line.add("offline", download.offline)
            return line.text
        }

        private static func size(_ bytes: Int) -> String {
            bytes < 1_000_000 ? "\(bytes / 1000) kB" : "\(bytes / 1_000_000) MB"
        }
    }

    private let download: ModelDownload

    /// - Parameters:
    ///   - name: the model's, on the hub.
    ///   - forService: whether to fetch into the directory that the service's sandbox can read.
    ///   - version: this program's, for the user agent.
    /// - Throws: `OperationError` if the name or the environment is invalid.
    package init(_ name: String, forService: Bool, version: String) throws(OperationError) {
        guard let model = ModelName(name) else {
            throw OperationError(
                "\(name.debugDescription) is not a model's name, such as microsoft/xclip-base-patch32; "
                    + "`watchword model list` has the published ones"
            )
        }
        do throws(ModelHubError) {
            let settings = try HubSettings(environment: ProcessInfo.processInfo.environment)
            let store = ModelStore(path: forService ? ModelStore.serviceDirectory : settings.cache)
            download = ModelDownload(model, settings: settings, store: store, agent: "watchword/\(version)")
        } catch {
            throw OperationError(error.description)
        }
    }

    /// - Parameter progress: gets a line for people.
    package func run(progress: @escaping (String) -> Void = { _ in }) throws(OperationError) -> Report {
        do throws(ModelHubError) {
            return Report(download: try download.run { progress(Self.line($0)) })
        } catch {
            throw OperationError(error.description)
        }
    }

    private static func line(_ progress: ModelDownload.Progress) -> String {
        if case .waiting(let time) = progress.step { return "the hub asks to wait \(time.components.seconds) s" }
        let verb = progress.step == .fetching ? progress.file : "\(progress.file), checksum"
        guard let total = progress.total, total > 0 else { return verb }
        guard total >= 1_000_000 else { return verb }
        return "\(verb): \(progress.bytes / 1_000_000) of \(total / 1_000_000) MB, \(progress.bytes * 100 / total) %"
    }
}
