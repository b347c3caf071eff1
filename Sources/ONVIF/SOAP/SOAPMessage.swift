/// Messages of SOAP 1.2.
enum SOAPMessage {
    /// - Parameters:
    ///   - header: the XML of the header's elements; may be empty.
    ///   - body: the XML of the body's element.
    static func envelope(header: String, body: String) -> String {
        #"<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">"#
            + (header.isEmpty ? "" : "<s:Header>\(header)</s:Header>") + "<s:Body>\(body)</s:Body></s:Envelope>"
    }

    /// A device's refusal of a request.
    struct Fault: Equatable {
        /// The most specific code, without its prefix, such as `NotAuthorized`.
        let code: String
        let reason: String

        /// Devices send the first, the specification's text and older ones the others.
        var isRefusedLogin: Bool {
            ["NotAuthorized", "FailedAuthentication", "InvalidSecurity", "Unauthorized"].contains(code)
        }
    }

    enum Answer: Equatable {
        case response(XMLElement)
        case fault(Fault)
    }

    /// The answer to a request whose response has this name.
    ///
    /// - Throws: `XMLFault`.
    static func answer(_ bytes: [UInt8], named name: String) throws(XMLFault) -> Answer {
        let root = try XMLElement(parsing: bytes)
        guard root.name == "Envelope", let body = root.child("Body") else {
            throw XMLFault(reason: "is not a SOAP message")
        }
        if let fault = body.child("Fault") { return .fault(Self.fault(fault)) }
        guard let response = body.child(name) else { throw XMLFault(reason: "has no \(name)") }
        return .response(response)
    }

    private static func fault(_ element: XMLElement) -> Fault {
        var codes: [String] = []
        var code = element.child("Code")
        while let here = code {
            codes.append(here.child("Value")?.text ?? "")
            code = here.child("Subcode")
        }
        // Of SOAP 1.1.
        if codes.isEmpty, let old = element.child("faultcode") { codes.append(old.text) }
        let local = codes.map { $0.split(separator: ":").last.map(String.init) ?? "" }
        let reason = element.element("Reason", "Text")?.text ?? element.child("faultstring")?.text ?? ""
        let isRefused = local.contains { Fault(code: $0, reason: "").isRefusedLogin }
        return Fault(code: isRefused ? "NotAuthorized" : local.last ?? "", reason: String(reason.prefix(200)))
    }
}
