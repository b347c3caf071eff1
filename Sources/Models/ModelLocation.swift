import Foundation
import ModelHub
package import Text

/// The checkpoint directory that `model.path` or `--model` names.
package enum ModelLocation {
    package static let embedded = "embedded"

    /// The directory of `name`: the path itself, a pulled model, or for `embedded` the model installed with the program.
    ///
    /// - Throws: `OperationError` if there is none.
    package static func directory(of name: String) throws(OperationError) -> String {
        guard name == embedded else { return try pulled(name) ?? name }
        let candidates = embeddedCandidates
        for path in candidates where FileManager.default.fileExists(atPath: path + "/config.json") { return path }
        throw OperationError(
            "no embedded model is installed (looked in \(candidates.joined(separator: ", "))); "
                + "name a directory with an X-CLIP checkpoint as model.path or --model, "
                + "or try the program with one that `watchword model random DIR` makes"
        )
    }

    /// The model's name in events; nil for the name of its directory.
    package static func calledName(of name: String) -> String? {
        // The embedded model's directory is an implementation detail; a pulled model's is named after its commit.
        if name == embedded { return name }
        return FileManager.default.fileExists(atPath: name) ? nil : ModelName(name)?.shortName
    }

    /// Nil if `name` is a path, or can only be a path.
    private static func pulled(_ name: String) throws(OperationError) -> String? {
        guard !FileManager.default.fileExists(atPath: name), let model = ModelName(name) else { return nil }
        let stores = ModelStore.all(environment: ProcessInfo.processInfo.environment)
        for store in stores { if let directory = store.directory(of: model) { return directory } }
        throw OperationError(
            "there is no directory \(name), and no model \(model) in \(stores.map(\.path).joined(separator: " or ")); "
                + "`watchword model pull \(name)` fetches it"
        )
    }

    /// Beside an installed program (…/bin/watchword → …/share/watchword/model), then below /usr; for a program that runs from
    /// a checkout's build folder, in the checkout.
    private static var embeddedCandidates: [String] {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let bin = (program as NSString).deletingLastPathComponent
        if let build = bin.range(of: "/.build/", options: .backwards) {
            return [bin[..<build.lowerBound] + "/Training/model"]
        }
        let prefix = (bin as NSString).lastPathComponent == "bin" ? (bin as NSString).deletingLastPathComponent : bin
        let system = "/usr/share/watchword/model"
        let beside = prefix + "/share/watchword/model"
        return beside == system ? [system] : [beside, system]
    }
}
