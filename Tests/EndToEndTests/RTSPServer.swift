import Foundation
import TestSupport
import Testing

/// A live RTSP camera: GStreamer's server, at one port for as long as the test runs, there or not.
final class RTSPServer {
    let port: UInt16
    private let options: [String]
    private let directory: TemporaryDirectory
    private var process: ChildProcess?

    private init(options: [String], in directory: TemporaryDirectory) throws {
        port = try TCPPort.free()
        self.options = options
        self.directory = directory
    }

    /// Runs `body` with a server that is not there yet; kills it afterwards, whatever happens.
    static func with<Result>(
        options: [String] = [],
        in directory: TemporaryDirectory,
        _ body: (RTSPServer) async throws -> Result
    ) async throws -> Result {
        let server = try RTSPServer(options: options, in: directory)
        defer { server.kill() }
        return try await body(server)
    }

    /// Starts it and waits until it listens.
    func start() async throws {
        let arguments = [Tree.rtspServer, "--port", "\(port)", "--size", "320x240"] + options
        let process = try ChildProcess("/usr/bin/python3", arguments, in: directory, name: "rtsp")
        self.process = process
        try await eventually("the RTSP server", context: { process.errors }) {
            try #require(!process.hasEnded, "the RTSP server ended: \(process.errors)")
            return process.output.contains("READY")
        }
    }

    /// Lets it hang, its connections open, or go on.
    func freeze() { process?.send(SIGSTOP) }
    func thaw() { process?.send(SIGCONT) }

    /// Takes its power away.
    func kill() {
        process?.kill()
        process = nil
    }
}
