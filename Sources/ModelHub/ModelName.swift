/// A model's name on the hub: `owner/name`, optionally followed by `@` and a branch, tag or commit.
///
/// A published model of the list may be named without its owner.
package struct ModelName: Sendable, Hashable, CustomStringConvertible {
    /// `owner/name`
    package let repository: String
    /// `main` unless another is named.
    package let revision: String

    static let defaultRevision = "main"

    /// Nil if the text is not such a name, such as a path.
    package init?(_ text: String) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.first else { return nil }
        let owned = PublishedModel.all.first { $0.shortName == name }?.repository ?? name
        let names = owned.split(separator: "/", omittingEmptySubsequences: false)
        guard names.count == 2, names.allSatisfy(Self.isName) else { return nil }
        let revision = parts.count == 2 ? parts[1] : Self.defaultRevision
        guard Self.isRevision(revision) else { return nil }
        repository = owned
        self.revision = revision
    }

    /// The name without the owner, which events carry.
    package var shortName: String { String(repository.drop { $0 != "/" }.dropFirst()) }

    package var description: String {
        revision == Self.defaultRevision ? repository : "\(repository)@\(revision)"
    }

    /// The hub's own rule (huggingface_hub, `validate_repo_id`): letters, digits, `-`, `_` and `.`, up to 96.
    private static func isName(_ name: Substring) -> Bool {
        guard let first = name.utf8.first, let last = name.utf8.last, name.utf8.count <= 96 else { return false }
        return name.utf8.allSatisfy(isPlain) && !"-.".utf8.contains(first) && !"-.".utf8.contains(last)
            && !name.contains("--") && !name.contains("..")
    }

    /// A branch may contain slashes, but nothing that leads out of a directory.
    private static func isRevision(_ revision: String) -> Bool {
        guard revision.utf8.count <= 200 else { return false }
        return revision.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy(isPlain) && !part.hasPrefix(".")
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
