import Foundation
import ModelHub
package import Text

/// Where a model's checkpoint directory is: what `model.path` and `--model` name.
package enum ModelLocation {
    package static let embedded = "embedded"

    /// The directory of `name`: itself, that of a pulled model, or for `embedded` the model that comes with the program.
    ///
    /// - Throws: `OperationError` where there is none.
    package static func directory(of name: String) throws(OperationError) -> String {
        guard name == embedded else { return try pulled(name) ?? name }
        let candidates = embeddedCandidates
        for path in candidates where FileManager.default.fileExists(atPath: path + "/config.json") { return path }
        throw OperationError(
            "no embedded model is installed (looked in \(candidates.joined(separator: ", "))); "
                + "name a directory with an X-CLIP checkpoint as model.path or --model, "
                + "or try the machinery with one that `watchword model random DIR` makes"
        )
    }

    /// What events call the model `name`, where its directory's own name would not do.
    package static func calledName(of name: String) -> String? {
        // Where the embedded model lies is nobody's business; a pulled one's directory is called after its commit.
        if name == embedded { return name }
        return FileManager.default.fileExists(atPath: name) ? nil : ModelName(name)?.shortName
    }

    /// Nil where `name` is a path, or can only be one.
    private static func pulled(_ name: String) throws(OperationError) -> String? {
        guard !FileManager.default.fileExists(atPath: name), let model = ModelName(name) else { return nil }
        let stores = ModelStore.all(environment: ProcessInfo.processInfo.environment)
        for store in stores { if let directory = store.directory(of: model) { return directory } }
        throw OperationError(
            "there is no directory \(name), and no model \(model) in \(stores.map(\.path).joined(separator: " or ")); "
                + "`watchword model pull \(name)` fetches it"
        )
    }

    /// Beside an installed program (…/bin/watchword → …/share/watchword/model), then the usual place; for a program that
    /// was built in a checkout and not installed, the checkout's.
    private static var embeddedCandidates: [String] {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let bin = (program as NSString).deletingLastPathComponent
        if let build = bin.range(of: "/.build/", options: .backwards) {
            return [bin[..<build.lowerBound] + "/Training/model"]
        }
        let prefix = (bin as NSString).lastPathComponent == "bin" ? (bin as NSString).deletingLastPathComponent : bin
        let usual = "/usr/share/watchword/model"
        let beside = prefix + "/share/watchword/model"
        return beside == usual ? [usual] : [beside, usual]
    }
}
