import Testing

@testable import ONVIF

/// What is learnt of a camera in one process is known in the next.
@Suite struct CameraMemoryTests {
    private let url = "onvif://viewer:c4nary@10.0.0.7:8000/device"

    @Test(arguments: ["http://10.0.0.9:8080/device", "https://[fe80::1%252]/onvif/device_service", nil])
    func aNoteKeepsAllButTheLogin(service: String?) throws {
        let address = try #require(CameraAddress(url))
        var moved = service.flatMap { CameraAddress(service: $0) }
        moved?.login = address.login
        let (first, second) = (CameraMemory(), CameraMemory())
        #expect(first[url] == nil)
        first[address] = .init(endpoint: EndpointReference("urn:uuid:A"), moved: moved)
        let note = try #require(first[url])
        #expect(!"\(note)".contains("c4nary"))
        second[url] = note
        #expect(second[address] == first[address])
        #expect(second[address]?.moved?.login?.password == (service == nil ? nil : "c4nary"))
    }

    /// A process that was taken over may say anything.
    @Test(arguments: ["", "ftp://10.0.0.9", "http://", "http://a b/", String(repeating: "x", count: 4096)])
    func aNoteThatMakesNoSenseIsNone(text: String) throws {
        let memory = CameraMemory()
        memory[url] = .init(endpoint: String(repeating: text, count: 2), service: text)
        let address = try #require(CameraAddress(url))
        let entry = try #require(memory[address])
        #expect(entry.moved == nil)
        #expect((entry.endpoint == nil) == (text.isEmpty || text.count > 256))
    }
}
