import Foundation
import TestSupport
import Testing
import Text

/// A real mosquitto on a port of its own, which may be stopped and started.
final class MosquittoBroker {
    let port: UInt16
    private let directory: TemporaryDirectory
    private let configuration: String
    private var process: ChildProcess?
    private var starts = 0
    private var hasMarker = false

    /// - Parameter options: lines of its configuration beside the port, for the listener and all else.
    private init(options: String, in directory: TemporaryDirectory) throws {
        port = try TCPPort.free()
        self.directory = directory
        // It keeps the sessions of clients that are away over a stop, and its user: it reads files of the test.
        configuration = try directory.write(
            """
            user root
            persistence true
            persistence_location \(directory.path)/
            log_dest stderr
            log_type all
            listener \(port) 127.0.0.1
            \(options)
            """,
            to: "mosquitto.conf"
        )
    }

    static func with<Result>(
        options: String = "allow_anonymous true",
        in directory: TemporaryDirectory,
        _ body: (MosquittoBroker) async throws -> Result
    ) async throws -> Result {
        let broker = try MosquittoBroker(options: options, in: directory)
        defer { broker.process?.kill() }
        try await broker.start()
        return try await body(broker)
    }

    func start() async throws {
        starts += 1
        let process = try ChildProcess(
            "/usr/sbin/mosquitto",
            ["-c", configuration],
            in: directory,
            name: "mosquitto\(starts)"
        )
        self.process = process
        try await eventually("the broker", context: { process.errors }) {
            try #require(!process.hasEnded, "the broker ended: \(process.errors)")
            return process.errors.contains(" running")
        }
    }

    /// As an operator stops it.
    func stop() async throws {
        process?.send(SIGTERM)
        _ = try await process?.finish()
    }

    /// While it is stopped: as a broker without a disk does.
    func loseMemory() throws {
        try FileManager.default.removeItem(atPath: directory("mosquitto.db"))
        hasMarker = false
    }

    /// Keeps its connections and answers nothing, until `wake`.
    func hang() { process?.send(SIGSTOP) }
    func wake() { process?.send(SIGCONT) }

    var log: String { process?.errors ?? "" }

    /// Runs `body` beside `mosquitto_sub`, whose session the broker keeps: what comes while it is away waits for it.
    func subscribe<Result>(
        _ topics: [String],
        options: [String] = [],
        _ body: (MosquittoSubscriber) async throws -> Result
    ) async throws -> Result {
        // Its session begins before anything else does.
        let session =
            ["-h", "127.0.0.1", "-p", "\(port)", "-i", "observer", "-c", "-q", "1"] + options
            + topics.flatMap { ["-t", $0] }
        try await tool("/usr/bin/mosquitto_sub", session + ["-E"], in: directory)
        return try await ChildProcess.with(
            "/usr/bin/mosquitto_sub",
            session + ["-F", "%j"],
            in: directory,
            name: "mosquitto_sub"
        ) { try await body(MosquittoSubscriber(process: $0)) }
    }

    func publish(_ topic: String, _ payload: String, retained: Bool = false) async throws {
        let options =
            ["-h", "127.0.0.1", "-p", "\(port)", "-q", "1", "-t", topic, "-m", payload] + (retained ? ["-r"] : [])
        try await tool("/usr/bin/mosquitto_pub", options, in: directory)
    }

    /// The retained messages under these topics, by topic.
    func retained(_ topic: String, in directory: TemporaryDirectory) async throws -> [String: String] {
        if !hasMarker { try await publish(Self.marker, "the last", retained: true) }
        hasMarker = true
        // The broker sends what it keeps in the order of the subscriptions: with the marker, all of it has come.
        let options = [
            "-h", "127.0.0.1", "-p", "\(port)", "-t", topic, "-t", Self.marker, "--retained-only", "-F", "%j",
        ]
        let found = try await ChildProcess.with("/usr/bin/mosquitto_sub", options, in: directory, name: "retained") {
            let subscriber = MosquittoSubscriber(process: $0)
            try await subscriber.first("the marker") { $0.topic == Self.marker }
            return try subscriber.messages().filter { $0.topic != Self.marker }
        }
        return Dictionary(found.map { ($0.topic, $0.payload) }) { $1 }
    }

    private static let marker = "test/marker"
}

/// What a broker's client got.
struct MosquittoSubscriber {
    struct Message {
        var topic: String
        var payload: String
        var isRetained: Bool
        var qos: Int64
    }

    let process: ChildProcess

    func messages() throws -> [Message] {
        // The last line may not be whole yet.
        try process.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { line in
            let value = try JSONValue(parsing: String(line))
            return Message(
                topic: try #require(value["topic"]?.string),
                payload: value["payload"]?.string ?? "",
                isRetained: value["retain"]?.integer == 1,
                qos: value["qos"]?.integer ?? -1
            )
        }
    }

    /// Waits for a message for which the condition holds.
    @discardableResult
    func first(_ what: String, where condition: (Message) -> Bool) async throws -> Message {
        try await eventually(what, context: { process.output.suffix(2000).description }) {
            try messages().first(where: condition)
        }
    }
}
