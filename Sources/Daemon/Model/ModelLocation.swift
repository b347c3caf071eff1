import Foundation

/// Where a model's checkpoint directory is: what `model.path` and `--model` name.
public enum ModelLocation {
    public static let embedded = "embedded"

    /// The directory of `name`: itself, or for `embedded` the model that comes with the program.
    ///
    /// - Throws: `OperationError` where there is none.
    public static func directory(of name: String) throws(OperationError) -> String {
        guard name == embedded else { return name }
        let candidates = embeddedCandidates
        for path in candidates where FileManager.default.fileExists(atPath: path + "/config.json") { return path }
        throw OperationError(
            "no embedded model is installed (looked in \(candidates.joined(separator: ", "))); "
                + "name a directory with an X-CLIP checkpoint as model.path or --model, "
                + "or try the machinery with one that `watchword model random DIR` makes"
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
