import EventFeed

/// The patterns of a query, as the event socket takes them: `stream=door*`. A parameter that is given several times
/// matches what any of its patterns matches.
enum EventPattern {
    /// The patterns of a parameter; none if it is not given.
    ///
    /// - Throws: `HTTPFault` if there are more or longer patterns than the event socket takes.
    static func globs(_ name: String, _ target: RequestTarget) throws(HTTPFault) -> [Glob] {
        let texts = target[name]
        let most = Subscription.maxPatterns
        guard texts.count <= most, texts.allSatisfy({ !$0.isEmpty && $0.unicodeScalars.count <= Glob.maxLength }) else {
            throw .badParameter("\(name) is a pattern of up to \(Glob.maxLength) characters, \(most) times at most")
        }
        return texts.map { Glob($0) }
    }
}
