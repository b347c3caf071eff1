import Foundation
import TestSupport
import Testing
import Text

/// `onvif://` as a source: what a camera's services say is asked for each time.
@Suite(.serialized) struct CameraSourceTests {
    /// Only one of the streams is there: the smallest of 224 pixels or more, or the one that the tiny model's 32 pixels need.
    private func profiles(_ server: RTSPServer, forTinyModel isTiny: Bool = false) -> [ONVIFDevice.Profile] {
        let (there, nowhere) = ("rtsp://127.0.0.1:\(server.port)/cam", "rtsp://127.0.0.1:9/cam")
        return [
            .init(token: "Profile_1", name: "main", width: 2560, height: 1440, url: nowhere),
            .init(token: "Profile_2", name: "sub", width: 640, height: 360, url: isTiny ? nowhere : there),
            .init(token: "Profile_3", name: "tiny", width: 160, height: 90, url: isTiny ? there : nowhere),
        ]
    }

    private func withCamera(
        _ options: [String],
        _ body: (ONVIFDevice, TemporaryDirectory) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            try await RTSPServer.with(options: ONVIFDevice.login, in: directory) { server in
                try await server.start()
                let options = ONVIFDevice.login + options
                try await ONVIFDevice.with(options, profiles: profiles(server), in: directory) { device in
                    try await body(device, directory)
                }
            }
        }
    }

    private static let patient = ["--timeout", "\(patience.components.seconds)s"]

    @Test(arguments: [
        ["--auth", "wsse", "--clock-offset", "3600"],
        ["--auth", "wsse", "--clock-offset", "-86400", "--media", "1", "--old"],
        ["--auth", "md5", "--media", "2"], ["--auth", "sha256"], ["--auth", "wsse", "--media", "1", "--no-reference"],
    ])
    func theSmallestStreamThatServesIsPickedWhateverTheLogin(options: [String]) async throws {
        try await withCamera(options) { device, directory in
            let outcome = try await watchword(["probe", device.url] + Self.patient, in: directory)
            #expect(outcome.ending == .exit(0), "\(outcome)")
            #expect(outcome.output.hasPrefix("onvif://***@127.0.0.1:\(device.port): h264, 320x240"), "\(outcome)")

            let requests = try device.requests()
            // Nothing is said before the clock is known, and no password at any time.
            #expect(requests.first?.name == "GetSystemDateAndTime" && requests.first?.token == false)
            #expect(requests.allSatisfy { !$0.text.contains("c4nary") })
            #expect(requests.allSatisfy { $0.text.isEmpty || $0.type?.hasPrefix("application/soap+xml") == true })
            let media = try #require(requests.last { $0.name == "GetProfiles" })
            let isOld = options.contains("1")
            #expect(media.namespace == "http://www.onvif.org/ver\(isOld ? 1 : 2)0/media/wsdl")
            #expect(media.path == (isOld ? "/onvif/media" : "/onvif/media2"))
            #expect(media.token == options.contains("wsse") && media.digest != options.contains("wsse"))
        }
    }

    @Test func aRefusedLoginIsSaidWithoutSayingIt() async throws {
        for auth in ["wsse", "md5"] {
            try await withCamera(["--auth", auth]) { device, directory in
                let wrong = "onvif://viewer:c4naryX@127.0.0.1:\(device.port)"
                let outcome = try await watchword(["probe", wrong] + Self.patient, in: directory)
                #expect(outcome.ending == .exit(1))
                #expect(outcome.output.contains("the device refuses the user name and password"), "\(outcome)")
                #expect(!"\(outcome)".contains("c4nary"))
                let none = try await watchword(
                    ["probe", "onvif://127.0.0.1:\(device.port)"] + Self.patient,
                    in: directory
                )
                #expect(none.output.contains("the device demands a user name and password"), "\(none)")
            }
        }
    }

    @Test(arguments: [
        ("bomb", "has a document type definition"), ("endless", "is larger than 1 MiB"),
        ("redirect", "redirects elsewhere"),
        ("html", "is not well-formed XML"), ("deep", "nested more than 64 levels"), ("fault", "refuses GetProfiles"),
        ("empty", "has no profile with video"), ("file", "is not an RTSP URL"),
    ])
    func aHostileAnswerIsRefused(trouble: String, reason: String) async throws {
        try await withCamera(["--auth", "wsse", "--trouble", trouble]) { device, directory in
            let outcome = try await watchword(["probe", device.url] + Self.patient, in: directory)
            #expect(outcome.ending == .exit(1))
            #expect(outcome.output.contains(reason), "\(outcome)")
            #expect(outcome.outputLines.count == 1 && !"\(outcome)".contains("c4nary"), "\(outcome)")
        }
    }

    @Test(arguments: ["silent", "dripping"])
    func anAnswerThatDoesNotEndEndsWithTheTime(trouble: String) async throws {
        try await withCamera(["--auth", "wsse", "--trouble", trouble]) { device, directory in
            let outcome = try await watchword(["probe", device.url, "--timeout", "3s"], in: directory)
            #expect(outcome.ending == .exit(1))
            #expect(outcome.output.contains("no answer in time; check that it is up and reachable"), "\(outcome)")
        }
    }

    /// A device behind address translation names hosts that are not its own; a hostile one would get the password so.
    @Test func servicesAndStreamsAreThoseOfTheDevice() async throws {
        try await withCamera(["--auth", "wsse", "--trouble", "elsewhere"]) { device, directory in
            let outcome = try await watchword(["probe", device.url] + Self.patient, in: directory)
            #expect(outcome.ending == .exit(0), "\(outcome)")
        }
    }

    @Test func whatIsNotThereIsSaid() async throws {
        try await TemporaryDirectory.with { directory in
            let port = try TCPPort.free()
            let arguments = ["probe", "onvif://u:c4nary@127.0.0.1:\(port)"] + Self.patient
            let outcome = try await watchword(arguments, in: directory)
            #expect(outcome.output.contains("check the address and port of its ONVIF service"), "\(outcome)")
            #expect(!"\(outcome)".contains("c4nary"))
            let wrong = try await watchword(["probe", "onvif://u:p/w@127.0.0.1"], in: directory)
            #expect(wrong.errors.contains("is not a camera's address; write it like onvif://USER"), "\(wrong)")
        }
    }

    /// First the stream gets another port, then the whole camera gets another address.
    @Test(arguments: [[], ["--no-reference"]])
    func aCameraIsFollowedWhereverItGoes(options: [String]) async throws {
        try await TemporaryDirectory.with { directory in
            let identity = ["--uuid", "urn:uuid:\(UUID().uuidString.lowercased())", "--announce", "--auth", "wsse"]
            let all = ONVIFDevice.login + identity + options
            let reachable = ["--address", "0.0.0.0"] + ONVIFDevice.login
            try await RTSPServer.with(options: reachable, in: directory) { first in
                try await first.start()
                let device = try await ONVIFDevice.start(
                    all,
                    profiles: profiles(first, forTinyModel: true),
                    in: directory
                )
                defer { device.kill() }
                let stream = DaemonProcess.stream(
                    "cam",
                    "onvif://viewer:${CAMERA_PASSWORD}@127.0.0.1:\(device.port)",
                    "open_timeout: 30s"
                )
                let environment = ["CAMERA_PASSWORD": ONVIFDevice.password]
                try await DaemonProcess.with(stream, level: "trace", environment: environment, in: directory) {
                    daemon in
                    let client = try SocketClient(path: directory.socket)
                    try client.send(#"{"subscribe":{"types":["stream","scores"],"since":0}}"#)
                    try await client.next("online") { $0.isStream("cam", "online") }
                    first.kill()
                    try await RTSPServer.with(options: reachable, in: directory) { second in
                        try await second.start()
                        try device.set(profiles(second, forTinyModel: true))
                        try await client.next("online at the new port") { $0.isStream("cam", "online") }
                        device.kill()
                        second.kill()
                        try await client.next("offline") { $0.isStream("cam", "offline") }
                        try await RTSPServer.with(options: reachable, in: directory) { third in
                            try await third.start()
                            let moved = try await ONVIFDevice.start(
                                all + ["--host", "0.0.0.0"],
                                profiles: profiles(third, forTinyModel: true),
                                name: "moved",
                                in: directory
                            )
                            defer { moved.kill() }
                            try await client.next("online at the new address") { $0.isStream("cam", "online") }
                            #expect(moved.port != device.port)
                        }
                    }
                    #expect(!daemon.errors.contains("c4nary") && !"\(client.lines)".contains("c4nary"))
                }
            }
        }
    }
}
