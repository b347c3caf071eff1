import Foundation
import HTTP
import System
import Text

/// The key that signs requests, as the Standard Webhooks specification has it: `whsec_` and 24 to 64 bytes in Base64.
package struct WebhookSecret {
    private static let prefix = "whsec_"
    private static let sizes = 24...64

    private let key: [UInt8]

    /// - Returns: nil if the text has another form.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), let key = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))),
            Self.sizes.contains(key.count)
        else { return nil }
        self.key = Array(key)
    }

    /// The value of `webhook-signature`.
    func signature(id: String, timestamp: Int64, body: [UInt8]) -> String {
        let signed = Array("\(id).\(timestamp).".utf8) + body
        return "v1," + Data(KeyedDigest.hmacSHA256Bytes(signed, key: key)).base64EncodedString()
    }
}
