import EventFeed

/// Patterns of a query, as the event socket takes them: `stream=door*`, several times for any of several.
enum EventPattern {
    /// As many as the socket takes.
    private static let most = 64

    static func texts(_ name: String, _ target: RequestTarget) throws(HTTPFault) -> [String] {
        let texts = target[name]
        guard texts.count <= most, texts.allSatisfy({ !$0.isEmpty && $0.unicodeScalars.count <= Glob.maxLength }) else {
            throw .badParameter("\(name) is a pattern of up to \(Glob.maxLength) characters, \(most) times at most")
        }
        return texts
    }
}
