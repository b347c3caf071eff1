import Foundation

/// What proves to the hub who asks. It describes itself as `***`, so that no message can tell it.
struct HubToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let secret: String

    /// Nil where the text is empty but for white space.
    init?(_ text: String, from source: String) throws(ModelHubError) {
        let secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if secret.isEmpty { return nil }
        guard secret.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ModelHubError(.invalid, "\(source) holds something that is no token: white space, or more than ASCII")
        }
        self.secret = secret
    }

    /// Nil where there is no such file, or one that may not be read: then nobody has logged in here.
    init?(file: String) throws(ModelHubError) {
        guard let data = FileManager.default.contents(atPath: file), data.count < 1 << 16 else { return nil }
        try self.init(String(decoding: data, as: UTF8.self), from: file)
    }

    var description: String { "***" }
    var debugDescription: String { "***" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
