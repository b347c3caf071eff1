import Foundation
import System

/// The token that authenticates the user to the hub. It describes itself as `***`, so that no message reveals it.
struct HubToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let secret: String

    /// Nil if the text has only white space.
    init?(_ text: String, from source: String) throws(ModelHubError) {
        let secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if secret.isEmpty { return nil }
        guard secret.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ModelHubError(
                .invalid,
                "\(source) does not hold a token: it has white space or characters outside ASCII"
            )
        }
        self.secret = secret
    }

    /// Nil if there is no such file or it may not be read: nobody has logged in here.
    init?(file: String) throws(ModelHubError) {
        guard let bytes = try? RegularFile.contents(of: file, limit: 1 << 16) else { return nil }
        try self.init(String(decoding: bytes, as: UTF8.self), from: file)
    }

    var description: String { "***" }
    var debugDescription: String { "***" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
