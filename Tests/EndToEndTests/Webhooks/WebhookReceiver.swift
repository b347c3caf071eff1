import Foundation
import TestSupport
import Testing
import Text

/// A real web server (Tests/Reference/webhook_receiver.py) on a port of its own, which may be stopped and started.
final class WebhookReceiver {
    struct Request {
        var method: String
        var path: String
        var headers: [String: String]
        var body: [UInt8]
        /// What the server answered, or did instead.
        var answer: String
        /// In seconds, on the server's monotonic clock.
        var time: Double

        var text: String { String(decoding: body, as: UTF8.self) }
        /// The number of the record in the body.
        var seq: Int64? { (try? JSONValue(parsing: text))?.seq }
    }

    let port: UInt16
    private let directory: TemporaryDirectory
    private var process: ChildProcess?
    private var starts = 0

    private init(in directory: TemporaryDirectory) throws {
        port = try TCPPort.free()
        self.directory = directory
    }

    static func with<Result>(
        in directory: TemporaryDirectory,
        _ body: (WebhookReceiver) async throws -> Result
    ) async throws -> Result {
        let receiver = try WebhookReceiver(in: directory)
        defer { receiver.stop() }
        try await receiver.start()
        return try await body(receiver)
    }

    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    /// - Parameter answers: JSON, for the requests from here on.
    func start(answering answers: String = "[]") async throws {
        starts += 1
        let plan = try directory.write(answers, to: "plan\(starts)")
        let process = try ChildProcess(
            "/usr/bin/python3",
            [Tree.webhookReceiver, "\(port)", directory("received"), plan],
            in: directory,
            name: "receiver\(starts)"
        )
        self.process = process
        try await eventually("the receiver", context: { process.errors }) {
            try #require(!process.hasEnded, "the receiver ended: \(process.errors)")
            return process.output.contains("listening")
        }
    }

    func stop() { process?.kill() }

    /// What came so far, in order.
    func requests() throws -> [Request] {
        let received = FileManager.default.contents(atPath: directory("received")) ?? Data()
        let text = String(decoding: received, as: UTF8.self)
        return try text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { line in
            let value = try JSONValue(parsing: String(line))
            var headers: [String: String] = [:]
            if case .object(let members)? = value["headers"] {
                for member in members { headers[member.key] = member.value.string }
            }
            return Request(
                method: try #require(value["method"]?.string),
                path: try #require(value["path"]?.string),
                headers: headers,
                body: Array(try #require(Data(base64Encoded: value["body"]?.string ?? "-"))),
                answer: try #require(value["answer"]?.string),
                time: try #require(value["time"]?.number)
            )
        }
    }

    /// The requests that it accepted.
    func accepted() throws -> [Request] { try requests().filter { $0.answer == "200" } }
}
