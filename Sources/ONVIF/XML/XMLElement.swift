/// An element of an XML document. Names are local: devices disagree on prefixes and on versions of namespaces.
struct XMLElement: Sendable, Equatable {
    var name: String
    var attributes: [String: String] = [:]
    /// The text directly in the element, without the white space around it.
    var text = ""
    var children: [XMLElement] = []

    func child(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    func children(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    /// The element at the end of a path of names.
    func element(_ path: String...) -> XMLElement? {
        path.reduce(self as XMLElement?) { $0?.child($1) }
    }
}

/// Why bytes are not a document that this program reads. Completes a sentence about the answer.
struct XMLFault: Error, Equatable {
    let reason: String
}

extension String {
    /// As the text of an XML element. Control characters that XML 1.0 cannot express become spaces.
    func xmlEscaped() -> String {
        unicodeScalars.reduce(into: "") { output, scalar in
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "\t", "\n", "\r": output += "&#\(scalar.value);"
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": output += " "
            default: output.unicodeScalars.append(scalar)
            }
        }
    }
}
