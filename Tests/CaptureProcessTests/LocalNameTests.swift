import Testing

@testable import CaptureProcess

@Suite struct LocalNameTests {
    @Test(arguments: [
        ("rtsp://door.local/a", "rtsp://10.0.0.7/a"),
        ("rtsp://user:p%40ss@Door.local:8554/a?b=c.local", "rtsp://user:p%40ss@10.0.0.7:8554/a?b=c.local"),
        ("http://door.local", "http://10.0.0.7"), ("rtsps://door.local/a", "rtsps://10.0.0.7/a"),
        ("rtsp://six.local/a", "rtsp://[fe80::7]/a"),
        // No such name, other names, and what is no URL.
        ("rtsp://nobody.local/a", "rtsp://nobody.local/a"), ("rtsp://door.example/a", "rtsp://door.example/a"),
        ("rtsp://local/a", "rtsp://local/a"), ("rtsp://10.0.0.1/x.local", "rtsp://10.0.0.1/x.local"),
        ("/films/door.local", "/films/door.local"), ("exec:cat x.local", "exec:cat x.local"),
    ])
    func theAddressStandsInItsPlace(url: String, expected: String) {
        let addresses = ["door.local": "10.0.0.7", "six.local": "fe80::7"]
        #expect(LocalName.resolved(url, verifiesServer: false) { addresses[$0.lowercased()] } == expected)
    }

    @Test func aVerifiedNameStays() {
        let url = "rtsps://door.local/a"
        #expect(LocalName.resolved(url, verifiesServer: true) { _ in "10.0.0.7" } == url)
        #expect(LocalName.resolved("rtsp://door.local", verifiesServer: true) { _ in "10.0.0.7" } == "rtsp://10.0.0.7")
    }
}
