import Foundation
import TestSupport
import Testing
import Text

/// `discover`, with PyPI's WSDiscovery on the other side. Other cameras may be on the network too.
@Suite(.serialized) struct DiscoverTests {
    private func profiles(_ path: String = "/stream") -> [ONVIFDevice.Profile] {
        [
            .init(
                token: "Profile_1",
                name: "main",
                width: 1920,
                height: 1080,
                rate: 25,
                url: "rtsp://10.9.8.7:5554\(path)1"
            ),
            .init(token: "Profile_2", name: "sub", width: 640, height: 360, url: "rtsp://10.9.8.7:5554\(path)2"),
        ]
    }

    /// A device that announces itself by an identity of its own.
    private func withDevice(
        _ options: [String] = ["--auth", "wsse", "--clock-offset", "3600"],
        profiles: [ONVIFDevice.Profile],
        _ body: (ONVIFDevice, String, TemporaryDirectory) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let identity = "urn:uuid:\(UUID().uuidString.lowercased())"
            let announcement = [
                "--announce", "--uuid", identity, "--host", "0.0.0.0", "--name", "Yard%20\(identity.suffix(12))",
            ]
            let all = ONVIFDevice.login + announcement + options
            try await ONVIFDevice.with(all, profiles: profiles, in: directory) { device in
                try directory.write(ONVIFDevice.password + "\nnot this\n", to: "password")
                try await body(device, identity, directory)
            }
        }
    }

    /// Searches until the device has answered in time; multicast may lose any message, and a busy machine is slow.
    private func discover(
        _ identity: String,
        _ more: [String] = [],
        in directory: TemporaryDirectory,
        until isWhole: @escaping (JSONValue) -> Bool = { _ in true }
    ) async throws -> JSONValue {
        let found = Found()
        var limit = 3
        try await eventually("the device", context: { found.text }) {
            let outcome = try await watchword(["discover", "--json", "--timeout", "\(limit)s"] + more, in: directory)
            limit = min(2 * limit, 60)
            found.text = "\(outcome)"
            found.camera = try outcome.outputLines.map { try JSONValue(parsing: $0) }.first {
                $0["endpoint"]?.string == identity
            }
            return found.camera.map(isWhole) ?? false
        }
        return try #require(found.camera)
    }

    private final class Found {
        var camera: JSONValue?
        var text = ""
    }

    private func login(_ directory: TemporaryDirectory) -> [String] {
        ["--user", "viewer", "--password-file", directory("password")]
    }

    @Test func aDeviceIsFoundAndDescribed() async throws {
        try await withDevice(profiles: []) { device, identity, directory in
            let camera = try await discover(identity, in: directory)
            #expect(camera["type"]?.string == "camera")
            #expect(camera["name"]?.string == "Yard \(identity.suffix(12))")
            #expect(camera["hardware"]?.string == "D1-566")
            #expect(camera["address"]?.string?.hasSuffix(":\(device.port)") == true)
            #expect(camera["xaddrs"]?.array == [.string("http://127.0.0.1:\(device.port)/onvif/device_service")])
            #expect(camera["scopes"]?.array?.count == 4 && camera["streams"] == nil)
            // Without --user, nobody is asked. Another machine that searches the network may ask.
            #expect(try !device.requests().contains(where: \.local))
        }
    }

    @Test func itsStreamsArePrintedWithTheSmallestFirst() async throws {
        try await withDevice(profiles: profiles()) { device, identity, directory in
            let camera = try await discover(identity, login(directory), in: directory) {
                $0["streams"]?.array?.count == 2
            }
            let host = try #require(camera["address"]?.string?.split(separator: ":").first)
            let streams = try #require(camera["streams"]?.array, "\(camera)")
            #expect(streams.map { $0["profile"]?.string } == ["sub", "main"])
            // The device's own address, since the one that it names is not the one that it answers from.
            #expect(streams.first?["url"]?.string == "rtsp://viewer:${CAMERA_PASSWORD}@\(host):5554/stream2")
            #expect(streams.first?["width"]?.integer == 640 && streams.first?["codec"]?.string == "H264")
            #expect(!"\(camera)".contains("c4nary"))
            #expect(try device.requests().contains(where: \.local))
        }
    }

    /// What is printed is a configuration as it stands.
    @Test(arguments: [nil, "reference"])
    func theListingCanBePasted(trouble: String?) async throws {
        let options = ["--auth", "md5"] + (trouble.map { ["--trouble", $0] } ?? [])
        try await withDevice(options, profiles: profiles()) { _, identity, directory in
            let name = "yard-\(identity.suffix(12))"
            let found = Found()
            try await eventually("the device", context: { found.text }) {
                let outcome = try await watchword(["discover", "--timeout", "3s"] + login(directory), in: directory)
                found.text = outcome.output
                return found.text.contains("- name: \(name)\n")
            }
            #expect(!found.text.contains("c4nary"))
            let file = try DaemonProcess.configuration(found.text, in: directory)
            let environment = ["CAMERA_PASSWORD": "canary2"]
            let check = try await watchword(["check", "--config", file], environment: environment, in: directory)
            #expect(check.ending == .exit(0), "\(check)\n\(found.text)")
            #expect(check.output.contains("streams.\(name).url"), "\(check)")
            // The device's text has made no stream of its own, and has asked for nothing of this machine.
            #expect(
                !check.output.contains("streams.evil") && !check.output.contains(NSHomeDirectory() + "&"),
                "\(check)"
            )
        }
    }

    @Test func aRefusedLoginIsSaidOfTheDevice() async throws {
        try await withDevice(profiles: profiles()) { _, identity, directory in
            try directory.write("wrong", to: "password")
            let camera = try await discover(identity, login(directory), in: directory) {
                $0["error"]?.string?.contains("no answer in time") != true
            }
            #expect(camera["ok"] == .bool(false))
            #expect(camera["error"]?.string?.contains("refuses the user name and password") == true, "\(camera)")
        }
    }

    /// At a terminal that Python makes, which is asked and shows nothing of the answer.
    @Test func aPasswordIsTypedUnseen() async throws {
        let terminal = """
            import os, pty, sys
            process, terminal = pty.fork()
            if process == 0:
                os.execv(sys.argv[2], sys.argv[2:])
            shown = b""
            while b"Password of viewer: " not in shown:
                shown += os.read(terminal, 4096)
            os.write(terminal, sys.argv[1].encode() + b"\\n")
            try:
                while piece := os.read(terminal, 4096):
                    shown += piece
            except OSError:
                pass
            os.waitpid(process, 0)
            sys.stdout.buffer.write(shown)
            """
        try await withDevice(profiles: profiles()) { _, identity, directory in
            let script = try directory.write(terminal, to: "terminal.py")
            let search = [try Program.path(), "discover", "--user", "viewer", "--json", "--timeout"]
            let found = Found()
            var limit = 3
            try await eventually("the device", context: { found.text }) {
                let arguments = [script, ONVIFDevice.password] + search + ["\(limit)s"]
                limit = min(2 * limit, 60)
                try await ChildProcess.with("/usr/bin/python3", arguments, in: directory, name: "terminal") { child in
                    let ending = try await child.finish()
                    try #require(ending == .exit(0), "\(child.errors)")
                    found.text = child.output
                }
                return found.text.contains(identity) && found.text.contains(#""profile":"sub""#)
            }
            #expect(found.text.hasPrefix("Password of viewer: ") && !found.text.contains("c4nary"))
        }
    }

    @Test func aPasswordComesFromAFileOrATerminal() async throws {
        try await TemporaryDirectory.with { directory in
            let none = try await watchword(["discover", "--user", "u", "--password-file", "/none"], in: directory)
            #expect(none.ending == .exit(1) && none.errors.contains("/none does not exist"), "\(none)")
            // A session of its own has no terminal.
            let program = [try Program.path(), "discover", "--user", "u"]
            try await ChildProcess.with("/usr/bin/setsid", ["--wait"] + program, in: directory, name: "setsid") {
                child in
                let ending = try await child.finish()
                #expect(ending == .exit(1))
                #expect(child.errors.contains("there is no terminal to ask for the password"), "\(child.errors)")
            }
        }
    }
}
