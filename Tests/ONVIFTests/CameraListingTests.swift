import Testing
import Text

@testable import ONVIF

@Suite struct CameraListingTests {
    private static let login = CameraLogin(user: "wat cher", password: "c4n/ary")

    private func device(_ name: String, at host: String = "192.168.1.20") throws -> FoundDevice {
        let scopes = "onvif://www.onvif.org/name/\(name)"
        return try #require(
            FoundDevice.devices(in: FoundDeviceTests.message(scopes: scopes, addresses: ""), from: host).first
        )
    }

    private func stream(_ name: String, _ url: String) -> ListedCamera.Stream {
        let profile = MediaProfile(token: name, name: name, codec: "H264", width: 640, height: 360, rate: 15)
        return ListedCamera.Stream(profile: profile, url: CameraListing.template(url, Self.login))
    }

    @Test func entriesCanBePasted() throws {
        let camera = ListedCamera(
            device: try device("Front%20Door!"),
            streams: .success([
                stream("sub", "rtsp://192.168.1.20:554/2?channel=1"), stream("main", "rtsp://192.168.1.20:554/1"),
            ])
        )
        #expect(
            CameraListing.yaml([camera], user: "wat cher") == """
                # Front Door! at 192.168.1.20
                - name: front-door
                  # sub: H264, 640x360, 15 pictures a second
                  url: "rtsp://wat%20cher:${CAMERA_PASSWORD}@192.168.1.20:554/2?channel=1"
                  # main: H264, 640x360, 15 pictures a second
                  # url: "rtsp://wat%20cher:${CAMERA_PASSWORD}@192.168.1.20:554/1"
                  # To ask the camera at each connection instead:
                  # url: "onvif://wat%20cher:${CAMERA_PASSWORD}@192.168.1.20"
                  labels:
                    - a person walks through the picture
                """
        )
    }

    /// Some devices put the password into the address, in clear or as a digest of their own.
    @Test(arguments: ["rtsp://h/user=a_password=tlJwpbo6_channel=1", "rtsp://h/?p=c4n/ary", "rtsp://h/c4n%2Fary/1"])
    func anAddressWithAPasswordIsNotPrinted(url: String) throws {
        let camera = ListedCamera(
            device: try device("x"),
            streams: .success([stream("sub", url), stream("main", url)])
        )
        let text = CameraListing.yaml([camera], user: "u") + camera.json.text
        #expect(text.contains(#"url: "onvif://u:${CAMERA_PASSWORD}@192.168.1.20""#))
        for secret in ["tlJwpbo6", "c4n"] { #expect(!text.contains(secret), "\(text)") }
    }

    @Test func whatADeviceSaysStaysInItsPlace() throws {
        let names = ["a%0A-%20name:%20evil", "", "%1B%5B2J", "A%0A", "%E2%80%A8b"]
        let failed = Result<[ListedCamera.Stream], CameraError>.failure(CameraError(.unexpected, "one\ntwo"))
        let cameras =
            try names.map { ListedCamera(device: try device($0), streams: .success([stream("s\n- x", "rtsp://h/")])) }
            + [ListedCamera(device: try device("f%0Ag"), streams: failed)]
        let lines = CameraListing.yaml(cameras, user: "u").split(separator: "\n")
        let starts = ["# ", "- name: ", "  # ", "  url: \"", "  labels:", "    - "]
        for line in lines {
            #expect(starts.contains { line.hasPrefix($0) }, "\(line)")
            #expect(!line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x2028 })
        }
        let streamNames = lines.filter { $0.hasPrefix("- name: ") }.map { $0.dropFirst(8) }
        #expect(Set(streamNames).count == names.count)
        for name in streamNames { #expect(name.wholeMatch(of: /[a-z0-9-]{1,64}/) != nil, "\(name)") }
    }

    @Test func namesAreDistinct() throws {
        let camera = ListedCamera(device: try device("cam"), streams: .success([stream("s", "rtsp://h/")]))
        let names = CameraListing.yaml([camera, camera, camera], user: "u").split(separator: "\n").filter {
            $0.hasPrefix("- ")
        }
        #expect(names == ["- name: cam", "- name: cam-2", "- name: cam-3"])
    }

    /// No reference of the configuration, no quote and no line break comes out of an address.
    @Test func anAddressCannotAskForOtherSecrets() {
        let url = "/${MQTT_PASSWORD}/$${X}\"\\\n#é"
        #expect(url.uriSafe() == "/$%7BMQTT_PASSWORD%7D/$$%7BX%7D%22%5C%0A%23%C3%A9")
    }
}
