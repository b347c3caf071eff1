/// A path below which the page is served: `/watchword`, or nothing for the root. Never ends with a slash.
package struct URLPath: Sendable, Equatable, CustomStringConvertible {
    package static let root = URLPath(parts: [])
    /// The first parts of the server's own paths, which a request below the same path could not be told from.
    private static let own: Set<String> = ["api", "healthz", "readyz", "metrics"]

    let parts: [String]

    private init(parts: [String]) {
        self.parts = parts
    }

    /// Reads `/a`, `/a/` or `/a/b`, of letters, digits and `-._~`; nil for any other text, because the path becomes part
    /// of addresses in answers.
    package init?(_ text: String) {
        guard text.utf8.count <= 256, text.hasPrefix("/") else { return nil }
        var parts = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        if parts.last == "" { parts.removeLast() }
        let isGood = parts.allSatisfy { part in
            !part.isEmpty && part != "." && part != ".." && part.utf8.allSatisfy(Self.isUnreserved)
        }
        guard isGood else { return nil }
        self.parts = parts
    }

    /// Whether a request below the path can be told from one for the server's own paths.
    package var isDistinct: Bool { parts.first.map { !Self.own.contains($0) } ?? true }

    package var description: String { parts.isEmpty ? "/" : parts.map { "/" + $0 }.joined() }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~".utf8.contains(byte)
        }
    }
}
