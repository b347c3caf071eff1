import Testing

@testable import ONVIF

@Suite struct FoundDeviceTests {
    /// In the form of the examples of section 7 of the ONVIF Core Specification.
    static func message(
        _ kind: String = "ProbeMatch",
        endpoint: String = "urn:uuid:98190dc2-0890-4ef8-ac9a-5940995e6119",
        types: String = "dn:NetworkVideoTransmitter",
        scopes: String = """
        onvif://www.onvif.org/Profile/Streaming onvif://www.onvif.org/type/video_encoder
        onvif://www.onvif.org/hardware/D1-566 onvif://www.onvif.org/name/ARV-453%20Door
        onvif://www.onvif.org/location/country/china
        """,
        addresses: String = "http://10.0.0.9/onvif/device_service http://169.254.76.145/onvif/services"
    ) -> [UInt8] {
        let match = """
            <d:\(kind)><wsa:EndpointReference><wsa:Address>\(endpoint)</wsa:Address></wsa:EndpointReference>
            <d:Types>\(types)</d:Types><d:Scopes>\(scopes)</d:Scopes><d:XAddrs>\(addresses)</d:XAddrs>
            <d:MetadataVersion>75965</d:MetadataVersion></d:\(kind)>
            """
        let body = kind == "ProbeMatch" ? "<d:ProbeMatches>\(match)</d:ProbeMatches>" : match
        return Array(
            """
            <?xml version="1.0" encoding="utf-8"?>
            <SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope"
             xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:dn="http://www.onvif.org/ver10/network/wsdl"
             xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><SOAP-ENV:Header>
            <wsa:RelatesTo>urn:uuid:1</wsa:RelatesTo></SOAP-ENV:Header><SOAP-ENV:Body>\(body)</SOAP-ENV:Body></SOAP-ENV:Envelope>
            """.utf8
        )
    }

    @Test(arguments: ["ProbeMatch", "Hello"])
    func aMessageDescribesItsDevice(kind: String) throws {
        let device = try #require(FoundDevice.devices(in: Self.message(kind), from: "169.254.76.145").first)
        #expect(device.endpointText == "urn:uuid:98190dc2-0890-4ef8-ac9a-5940995e6119")
        #expect(device.name == "ARV-453 Door" && device.hardware == "D1-566" && device.location == "country/china")
        #expect(device.title == "ARV-453 Door (D1-566)")
        #expect(device.types == ["dn:NetworkVideoTransmitter"] && device.scopes.count == 5)
        // The address that the answer came from.
        #expect(device.address.service == "http://169.254.76.145:80/onvif/services")
        #expect(device.isAt(host: "10.0.0.9", port: 80) && !device.isAt(host: "10.0.0.9", port: 81))
    }

    @Test func theLoginGoesToWhoAnswered() throws {
        let evil = Self.message(addresses: "http://evil.example:8080/steal")
        #expect(
            FoundDevice.devices(in: evil, from: "192.168.1.5").first?.address.service == "http://192.168.1.5:8080/steal"
        )
        let none = Self.message(addresses: "file:///etc/passwd")
        let service = FoundDevice.devices(in: none, from: "[fe80::1%252]").first?.address.service
        #expect(service == "http://[fe80::1%252]:80/onvif/device_service")
    }

    @Test func whatIsNoCameraIsLeftOut() {
        #expect(
            FoundDevice.devices(in: Self.message(types: "wsdp:Device wprt:PrintDeviceType", scopes: ""), from: "a")
                .isEmpty
        )
        #expect(FoundDevice.devices(in: Self.message("Bye"), from: "a").isEmpty)
        for text in ["", "<x/>", "<Envelope/>", "\u{0}\u{1}"] {
            #expect(FoundDevice.devices(in: Array(text.utf8), from: "a").isEmpty)
        }
        #expect(FoundDevice.devices(in: Self.message(types: "tds:Device"), from: "192.0.2.1").count == 1)
    }

    @Test func oneIdentityIsSpelledInSeveralWays() {
        let id = "98190dc2-0890-4ef8-ac9a-5940995e6119"
        let spellings = [id, "uuid:\(id)", "urn:uuid:\(id)", "URN:UUID:\(id.uppercased())"].map {
            EndpointReference($0)
        }
        #expect(Set(spellings).count == 1 && !spellings.contains(nil))
        #expect(EndpointReference("") == nil && EndpointReference("urn:uuid:") == nil)
        #expect(EndpointReference(String(repeating: "x", count: 300)) == nil)
    }

    @Test func theQuestionNamesTheKind() throws {
        let probe = ProbeMessage(kind: .transmitter, id: "1234")
        let root = try XMLElement(parsing: Array(probe.xml.utf8))
        #expect(root.element("Header", "MessageID")?.text == "urn:uuid:1234")
        #expect(root.element("Body", "Probe", "Types")?.text == "k:NetworkVideoTransmitter")
    }
}
