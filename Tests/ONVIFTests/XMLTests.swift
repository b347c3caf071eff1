import Testing

@testable import ONVIF

@Suite struct XMLTests {
    private func parse(_ text: String) throws(XMLFault) -> XMLElement { try XMLElement(parsing: Array(text.utf8)) }

    @Test func theTreeHasLocalNamesAndText() throws {
        let root = try parse(
            """
            <?xml version="1.0" encoding="UTF-8"?><a:x xmlns:a="urn:a" a:token="1&amp;2"> <!-- no --> \
            <b xmlns="urn:b">one &lt; &#x32;<![CDATA[ & ]]>three</b><a:b/></a:x>
            """
        )
        #expect(root.name == "x" && root.attributes["token"] == "1&2" && root.text.isEmpty)
        #expect(root.children.map(\.name) == ["b", "b"])
        #expect(root.child("b")?.text == "one < 2 & three")
        #expect(root.element("b", "c") == nil)
    }

    /// A billion laughs in ten lines, a file of this machine, and a parameter entity.
    @Test(arguments: [
        #"<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><x>&b;</x>"#,
        #"<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>"#,
        #"<?xml version="1.0"?><!DOCTYPE x [<!ENTITY % p SYSTEM "http://192.0.2.1/p">%p;]><x/>"#,
    ])
    func definitionsOfTypesAreRefused(text: String) throws {
        let fault = #expect(throws: XMLFault.self) { try self.parse(text) }
        #expect(fault?.reason.contains("document type definition") == true)
    }

    /// FoundationXML reads the content of one that has none from address zero.
    @Test(arguments: [
        "<?x?><x/>", "<x><?x?></x>", "<?xml?><x/>", "<x/><?x?>", "<?xml version='1.0'?><?x?><x/>", "<?x y?><x/>",
        "<x><?x",
    ])
    func processingInstructionsAreRefused(text: String) throws {
        let fault = #expect(throws: XMLFault.self) { try self.parse(text) }
        #expect(fault?.reason.contains("processing instruction") == true)
    }

    /// In these the definition would not be seen.
    @Test func otherEncodingsAreRefused() {
        let utf16 = Array(#"<!DOCTYPE x><x/>"#.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
        #expect(throws: XMLFault.self) { try XMLElement(parsing: [0xFF, 0xFE] + utf16) }
        #expect(throws: XMLFault.self) { try XMLElement(parsing: utf16) }
        for name in ["UTF-7", "utf-16", "IBM037", "iso-8859-1"] {
            #expect(throws: XMLFault.self) { try self.parse("<?xml version='1.0' encoding='\(name)'?><x/>") }
        }
        #expect(throws: Never.self) { try self.parse("<?xml version='1.0' encoding='utf-8'?><x/>") }
        #expect(throws: XMLFault.self) { try XMLElement(parsing: Array("<x>".utf8) + [0xC3] + Array("</x>".utf8)) }
    }

    @Test func thereIsALimitToEverything() throws {
        let deep = String(repeating: "<x>", count: 100_000)
        #expect(throws: XMLFault(reason: "is nested more than 64 levels deep")) { try self.parse(deep) }
        let wide = "<r>" + String(repeating: "<x/>", count: 30_000) + "</r>"
        #expect(throws: XMLFault(reason: "has more than 20000 elements")) { try self.parse(wide) }
        let long = "<r>" + String(repeating: "text ", count: 1_000_000) + "</r>"
        #expect(throws: XMLFault(reason: "holds too much text")) { try self.parse(long) }
        let inside = String(repeating: "<x>", count: 60) + String(repeating: "</x>", count: 60)
        #expect(throws: Never.self) { try self.parse(inside) }
    }

    @Test(arguments: [
        "", " ", "text", "<x>", "<x></y>", "<x a=1/>", "<x>&none;</x>", "{}", "<x a='1' a='2'/>", "<x/><y/>",
        "<x/>text",
        "<x/><",
    ])
    func whatIsNotWellFormedIsRefused(text: String) {
        #expect(throws: XMLFault.self) { try self.parse(text) }
    }

    @Test func textIsEscaped() throws {
        let text = "a<b>&\"c\" \u{1}\n é"
        let root = try parse("<x y=\"\(text.xmlEscaped())\">\(text.xmlEscaped())</x>")
        #expect(root.text == "a<b>&\"c\"  \n é" && root.attributes["y"] == root.text)
    }
}
