import System

/// Makes the key that opens the pictures of one stream and nothing else, for an address that is given to others:
/// `…/frame.jpg?key=…`. It is made from the token, so that it changes with the token and nobody can make one without it.
package struct PictureKey: Sendable {
    static let parameter = "key"

    private let token: String

    package init(token: String) {
        self.token = token
    }

    package func key(of stream: String) -> String {
        String(KeyedDigest.hmacSHA256("frame.jpg \(stream)".utf8, key: token.utf8).prefix(32))
    }
}
