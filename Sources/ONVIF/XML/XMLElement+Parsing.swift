import Foundation
// The toolchain's own parser: it links statically, and needs no library that libav does not need anyway.
import FoundationXML

extension XMLElement {
    /// The most that an answer may hold; those of real devices are far below.
    private enum Limit {
        static let depth = 64
        static let elements = 20_000
        /// Bytes of text and attributes in all.
        static let text = 2 << 20
    }

    /// Parses a document in UTF-8 that comes from a device which is not trusted. A document type definition is refused, since
    /// it can name files and multiply entities, and so are processing instructions: FoundationXML reads the content of one
    /// that has none from address zero. SOAP forbids both (SOAP 1.1, section 3; SOAP 1.2 part 1, section 5).
    ///
    /// - Throws: `XMLFault`.
    init(parsing bytes: [UInt8]) throws(XMLFault) {
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw XMLFault(reason: "is not UTF-8")
        }
        let data = Data(bytes)
        try Self.checkProlog(text, data)
        let builder = Builder()
        let parser = XMLParser(data: data)
        parser.shouldProcessNamespaces = true
        parser.shouldResolveExternalEntities = false
        parser.delegate = builder
        let isWhole = parser.parse()
        if let fault = builder.fault { throw fault }
        // For text after the root element the parser reports an error, and success all the same.
        guard isWhole, parser.parserError == nil, let root = builder.root else {
            throw XMLFault(reason: "is not well-formed XML")
        }
        self = root
    }

    /// In UTF-8 neither a definition nor an instruction can hide, so that a search for them is complete.
    private static func checkProlog(_ text: String, _ data: Data) throws(XMLFault) {
        // Data searches some 70 times as fast as the text does.
        if ["<!DOCTYPE", "<!ENTITY"].contains(where: { data.range(of: Data($0.utf8)) != nil }) {
            throw XMLFault(reason: "has a document type definition, which SOAP forbids")
        }
        let start = text.prefixMatch(of: /\u{FEFF}?[ \t\r\n]*<\?xml[ \t\r\n]/)?.output.utf8.count ?? 0
        if data.dropFirst(start).range(of: Data("<?".utf8)) != nil {
            throw XMLFault(reason: "has a processing instruction, which SOAP forbids")
        }
        let declaration = text.prefixMatch(of: /\u{FEFF}?\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"']*)["']/)
        guard let declaration else { return }
        guard ["utf-8", "utf8", "us-ascii"].contains(declaration.1.lowercased()) else {
            throw XMLFault(reason: "is not in UTF-8")
        }
    }

    /// Builds the tree. It ends the parsing at the first limit.
    private final class Builder: NSObject, XMLParserDelegate {
        private(set) var root: XMLElement?
        private(set) var fault: XMLFault?
        private var open: [XMLElement] = []
        private var elements = 0
        private var bytes = 0

        private func take(_ count: Int, _ parser: XMLParser) {
            bytes += count
            if bytes > Limit.text { stop(parser, "holds too much text") }
        }

        private func stop(_ parser: XMLParser, _ reason: String) {
            if fault == nil { fault = XMLFault(reason: reason) }
            parser.abortParsing()
        }

        func parser(
            _ parser: XMLParser,
            didStartElement elementName: String,
            namespaceURI: String?,
            qualifiedName: String?,
            attributes: [String: String]
        ) {
            guard fault == nil else { return }
            elements += 1
            if elements > Limit.elements { return stop(parser, "has more than \(Limit.elements) elements") }
            if open.count >= Limit.depth { return stop(parser, "is nested more than \(Limit.depth) levels deep") }
            take(attributes.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }, parser)
            let local = Dictionary(attributes.map { (Self.local($0.key), $0.value) }) { first, _ in first }
            open.append(XMLElement(name: Self.local(elementName), attributes: local))
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) {
            guard fault == nil, !open.isEmpty else { return }
            take(string.utf8.count, parser)
            open[open.count - 1].text += string
        }

        func parser(_ parser: XMLParser, foundCDATA CDATABlock: Data) {
            self.parser(parser, foundCharacters: String(decoding: CDATABlock, as: UTF8.self))
        }

        func parser(
            _ parser: XMLParser,
            didEndElement elementName: String,
            namespaceURI: String?,
            qualifiedName: String?
        ) {
            guard fault == nil, var element = open.popLast() else { return }
            element.text = element.text.trimmingCharacters(in: .whitespacesAndNewlines)
            if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
        }

        private static func local(_ name: String) -> String {
            name.lastIndex(of: ":").map { String(name[name.index(after: $0)...]) } ?? name
        }
    }
}
