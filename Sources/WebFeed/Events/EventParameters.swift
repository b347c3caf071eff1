/// The query parameters of the requests for events.
enum EventParameters {
    /// The parameter's value as a number; nil if it is not given.
    ///
    /// - Throws: `HTTPFault` that names the parameter, if it is not a number of the range.
    static func number(
        _ name: String,
        _ target: RequestTarget,
        _ range: ClosedRange<UInt64>
    ) throws(HTTPFault) -> UInt64? {
        guard let text = try single(name, target) else { return nil }
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = UInt64(text), range.contains(number)
        else {
            throw .badParameter("\(name) is a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// The parameter's value; nil if it is not given.
    static func single(_ name: String, _ target: RequestTarget) throws(HTTPFault) -> String? {
        let values = target[name]
        guard values.count < 2 else { throw .badParameter("\(name) is given twice") }
        return values.first
    }

    /// Refuses unknown parameters: a mistyped filter must not be ignored silently.
    static func check(_ target: RequestTarget, known: [String]) throws(HTTPFault) {
        for parameter in target.query where !known.contains(parameter.name) {
            throw .badParameter("unknown parameter: the parameters are \(known.joined(separator: ", "))")
        }
    }
}
