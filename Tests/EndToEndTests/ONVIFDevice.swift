import Foundation
import TestSupport
import Testing

/// A camera's ONVIF services (Tests/Reference/onvif_device.py). Its streams can be elsewhere.
final class ONVIFDevice {
    struct Profile: Codable {
        var token: String
        var name: String
        var codec = "H264"
        var width: Int
        var height: Int
        var rate = 15
        var url: String
    }

    /// A request, as the device saw it.
    struct Request: Decodable {
        var name: String
        var namespace: String
        var path: String
        /// Whether it had a UsernameToken.
        var token: Bool
        /// Whether it had HTTP's digest.
        var digest: Bool
        var type: String?
        var text: String
        /// Whether this machine sent it.
        var local: Bool
    }

    /// Holds every character that XML and URLs treat as their own.
    static let password = "c4nary<&>\"/@:%41é"
    static let login = ["--user", "viewer", "--password", password]

    let port: UInt16
    private let process: ChildProcess
    private let name: String
    private let directory: TemporaryDirectory

    private init(_ name: String, port: UInt16, _ process: ChildProcess, in directory: TemporaryDirectory) {
        (self.name, self.port, self.process, self.directory) = (name, port, process, directory)
    }

    /// Starts a device and waits until it listens. Whoever starts it kills it.
    static func start(
        _ options: [String],
        profiles: [Profile],
        name: String = "device",
        in directory: TemporaryDirectory
    ) async throws -> ONVIFDevice {
        let file = try directory.write(try text(of: profiles), to: "\(name).profiles")
        let arguments = [Tree.onvifDevice, "--profiles", file, "--log", directory("\(name).requests")] + options
        let process = try ChildProcess(Tree.peerPython, arguments, in: directory, name: name)
        do {
            let port = try await eventually("the device", context: { process.errors }) {
                try #require(!process.hasEnded, "the device ended: \(process.errors)")
                let lines = process.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                return lines.first.flatMap { $0.split(separator: " ").last }.flatMap { UInt16($0) }
            }
            return ONVIFDevice(name, port: port, process, in: directory)
        } catch {
            process.kill()
            throw error
        }
    }

    static func with<Result>(
        _ options: [String] = login + ["--auth", "wsse"],
        profiles: [Profile] = [],
        in directory: TemporaryDirectory,
        _ body: (ONVIFDevice) async throws -> Result
    ) async throws -> Result {
        let device = try await start(options, profiles: profiles, in: directory)
        defer { device.kill() }
        return try await body(device)
    }

    /// With the password as a URL spells it.
    var url: String { "onvif://viewer:c4nary%3C%26%3E%22%2F%40%3A%2541%C3%A9@127.0.0.1:\(port)" }

    func kill() { process.kill() }

    /// What came so far, in order.
    func requests() throws -> [Request] {
        let data = FileManager.default.contents(atPath: directory("\(name).requests")) ?? Data()
        return try data.split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(Request.self, from: Data($0))
        }
    }

    /// Changes the profiles of a device that runs.
    func set(_ profiles: [Profile]) throws {
        let path = directory("\(name).profiles")
        try Data(try Self.text(of: profiles).utf8).write(to: URL(filePath: path), options: .atomic)
    }

    private static func text(of profiles: [Profile]) throws -> String {
        String(decoding: try JSONEncoder().encode(profiles), as: UTF8.self)
    }
}
