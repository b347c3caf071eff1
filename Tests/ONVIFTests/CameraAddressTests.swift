import Testing

@testable import ONVIF

@Suite struct CameraAddressTests {
    @Test func aURLNamesTheDeviceServiceAndTheLogin() throws {
        let plain = try #require(CameraAddress("onvif://192.168.1.20"))
        #expect(plain.service == "http://192.168.1.20:80/onvif/device_service" && plain.login == nil)
        #expect(plain.place == "192.168.1.20" && plain.url == "onvif://192.168.1.20")

        let full = try #require(CameraAddress("ONVIF://us%40er:p%2Fa%3Ass@[fe80::1%252]:8080/onvif/services"))
        #expect(full.service == "http://[fe80::1%252]:8080/onvif/services")
        #expect(full.login == CameraLogin(user: "us@er", password: "p/a:ss"))
        #expect(full.url == "onvif://[fe80::1%252]:8080/onvif/services")
        #expect(!"\(full)".contains("a:ss"))

        #expect(
            CameraAddress("onvif://u@camera.local:443/")?.service == "https://camera.local:443/onvif/device_service"
        )
        #expect(CameraAddress("onvif://u@camera.local")?.login == CameraLogin(user: "u", password: ""))
    }

    @Test(arguments: [
        "onvif:", "onvif:camera", "onvif://", "onvif://u:p@", "onvif://host:0", "onvif://host:99999", "onvif://host:8o",
        "onvif://ho st", "onvif://host/x?y", "onvif://host/x#y", "onvif://u:p%zz@host", "onvif://[::1", "onvif://[]",
        "onvif://p/a@host", "onvif://u:%ff@host", "rtsp://host", "onvif://ho\nst",
    ])
    func whatIsNotCompleteIsNone(text: String) { #expect(CameraAddress(text) == nil) }

    @Test func onlyTheSchemeCounts() {
        #expect(CameraAddress.isCamera("onvif:") && CameraAddress.isCamera("Onvif://x"))
        #expect(
            !CameraAddress.isCamera("onvi") && !CameraAddress.isCamera("rtsp://onvif:")
                && !CameraAddress.isCamera("/onvif:")
        )
    }

    /// As cameras behind address translation, in containers and hostile ones answer.
    @Test func noAnswerSendsTheLoginElsewhere() throws {
        let address = try #require(CameraAddress("onvif://u:p@camera.local:8080"))
        #expect(address.service(at: "http://camera.local/media") == "http://camera.local:80/media")
        #expect(address.service(at: "https://CAMERA.local:8443/media?x=1") == "https://camera.local:8443/media?x=1")
        #expect(address.service(at: "http://172.17.0.2/onvif/media") == "http://camera.local:8080/onvif/media")
        #expect(address.service(at: "http://evil.example:81/m") == "http://camera.local:8080/m")
        #expect(address.service(at: "http://camera.local@evil.example/m") == "http://camera.local:8080/m")
        #expect(address.service(at: "http://camera.local/a b\r\nX: y") == "http://camera.local:80/a%20b%0D%0AX:%20y")
        for url in ["file:///etc/passwd", "ftp://camera.local/", "media", "", "http://"] {
            #expect(address.service(at: url) == nil, "\(url)")
        }
    }
}
