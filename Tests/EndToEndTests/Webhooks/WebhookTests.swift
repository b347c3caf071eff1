import Foundation
import TestSupport
import Testing
import Text

/// A real web server, stopped and started while events flow, and a daemon that is killed and started again.
@Suite(.serialized) struct WebhookTests {
    private static let canary = "c4nary-7Zq"
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    /// A receiver that answers 500 and 429, resets, hangs and goes away gets every record, in order.
    @Test func nothingIsLostWhateverStops() async throws {
        try await TemporaryDirectory.with { directory in
            try await WebhookReceiver.with(in: directory) { receiver in
                receiver.stop()
                try await receiver.start(answering: #"[500, "429 3", "reset", "hang", 200, 502]"#)
                let section = "webhooks: [{name: own, url: \"\(receiver.url("/hook"))\"}]\n"
                let configuration = MQTTDaemon.stream("a") + MQTTDaemon.stream("b") + section
                let behind = try await MQTTDaemon.with(configuration, in: directory) { daemon in
                    try await atLeast(6, receiver, daemon)
                    receiver.stop()
                    let before = try head(directory)
                    try await eventually("a backlog") { try head(directory) >= before + 30 }
                    let behind = try head(directory)
                    // In the middle of the backlog.
                    daemon.kill()
                    return behind
                }
                let backlog = try receiver.accepted().count
                try await receiver.start()
                let records = try await MQTTDaemon.with(configuration, in: directory) { daemon in
                    try await atLeast(backlog + 30, receiver, daemon)
                    try await eventually("the whole backlog", context: { daemon.errors }) {
                        try (receiver.accepted().last?.seq ?? 0) >= behind
                    }
                    daemon.send(SIGTERM)
                    #expect(try await daemon.finish() == .exit(0))
                    #expect(!daemon.errors.contains("no longer kept"))
                    let events = try await JournalledEvent.all(in: directory)
                    return events.filter { $0.value["state"]?.string != "updated" }
                }
                // On a busy machine the daemon may end with records undelivered. The next one delivers them.
                let last = try #require(records.last?.seq)
                let isDelivered = try receiver.accepted().last?.seq == last
                if !isDelivered {
                    let quiet = DaemonProcess.stream("a", "/nowhere.mp4") + section
                    try await MQTTDaemon.with(quiet, in: directory) { daemon in
                        try await eventually("the last record", context: { daemon.errors }) {
                            try receiver.accepted().last?.seq == last
                        }
                    }
                }
                try check(receiver.requests())
                let accepted = try receiver.accepted()
                var ids: [String] = []
                for request in accepted where ids.last != request.headers["webhook-id"] {
                    ids.append(try #require(request.headers["webhook-id"]))
                }
                #expect(Set(ids).count == ids.count, "out of order: \(ids)")
                // A daemon may end after the receiver's answer and before its own mark. The next one then sends that record again.
                #expect(accepted.count - ids.count <= (isDelivered ? 1 : 2))
                let bodies = accepted.reduce(into: [String]()) { if $0.last != $1.text { $0.append($1.text) } }
                #expect(bodies == records.map(\.line))
                print("\(records.count) records, \(accepted.count) requests accepted")
            }
        }
    }

    /// Each trouble is followed by the same record.
    private func check(_ requests: [WebhookReceiver.Request]) throws {
        let answers = ["500", "429 3", "reset", "hang", "200"]
        #expect(requests.prefix(5).map(\.answer) == answers)
        #expect(Set(requests.prefix(5).map(\.headers["webhook-id"])).count == 1)
        #expect(Set(requests.prefix(5).map(\.text)).count == 1)
        // Retry-After is longer than the second pause would be.
        #expect(requests[2].time - requests[1].time >= 3)
    }

    /// A refused record is skipped; what is secret shows nowhere; a reload takes a webhook away, and its mark.
    @Test func aRefusedRecordHoldsUpNoOther() async throws {
        try await TemporaryDirectory.with { directory in
            try await WebhookReceiver.with(in: directory) { receiver in
                receiver.stop()
                try await receiver.start(answering: "[404]")
                let options = [
                    "url: \"\(receiver.url("/\(Self.canary)"))\"", "labels: [one]", "events: [started]",
                    "headers: {X-Api-Key: \(Self.canary)}", "secret: \(Self.secret)",
                    #"template: '{"what": "{{label}} at {{stream}}", "score": {{score}}, "end": {{end_time}}}'"#,
                ]
                let section = "webhooks:\n  - name: own\n" + options.map { "    \($0)\n" }.joined()
                let mark = directory("events.sqlite-webhook-own")
                try await MQTTDaemon.with(MQTTDaemon.stream("door") + section, in: directory) { daemon in
                    try await atLeast(3, receiver, daemon)
                    #expect(daemon.errors.contains("webhook own answers 404: check its url; records that it refuses"))
                    let status = try await watchword(["status", "--socket", directory.socket], in: directory)
                    #expect(status.output.contains("webhook   own ok, delivered up to record"), "\(status)")
                    #expect(status.output.contains(", 1 refused"))
                    let check = try await watchword(
                        ["check", "--config", directory("watchword.yaml")],
                        environment: ["WATCHWORD_EVENTS_JOURNAL": directory("events.sqlite")],
                        in: directory
                    )
                    let shown = "webhooks.own.url = http://127.0.0.1:\(receiver.port)/***"
                    #expect(check.output.contains(shown), "\(check)")
                    for text in [daemon.errors, "\(status)", "\(check)"] {
                        #expect(!text.contains(Self.canary) && !text.contains("MfKQ9r8G"), "\(text)")
                    }
                    #expect(FileManager.default.fileExists(atPath: mark))
                    try DaemonProcess.configuration(MQTTDaemon.stream("door"), in: directory)
                    daemon.send(SIGHUP)
                    try await eventually("the mark's end", context: { daemon.errors }) {
                        !FileManager.default.fileExists(atPath: mark)
                    }
                }
                let requests = try receiver.requests()
                let ids = requests.compactMap { $0.headers["webhook-id"] }
                #expect(Set(ids).count == requests.count)
                for request in requests {
                    let body = try JSONValue(parsing: request.text)
                    #expect(body["what"]?.string == "one at door" && body["score"]?.number != nil)
                    #expect(body["end"] == .null)
                    #expect(request.headers["x-api-key"] == Self.canary && request.path == "/\(Self.canary)")
                    #expect(request.headers["content-type"] == "application/json")
                    #expect(request.headers["webhook-signature"]?.hasPrefix("v1,") == true)
                }
            }
        }
    }

    /// The event's picture goes along: in a form of two parts, or as ntfy takes a file.
    @Test func thePictureGoesAlong() async throws {
        try await TemporaryDirectory.with { directory in
            try await WebhookReceiver.with(in: directory) { receiver in
                let section = """
                    webhooks:
                      - {name: own, url: "\(receiver.url("/own"))", picture: true, events: [started]}
                      - {name: phone, url: "\(receiver.url("/topic"))", template: ntfy, picture: true, events: [started]}
                    """
                let environment = ["WATCHWORD_EVENTS_PICTURES": directory("pictures")]
                let stream = DaemonProcess.stream("door", DaemonProcess.picture)
                try await MQTTDaemon.with(stream + section, environment: environment, in: directory) { daemon in
                    try await eventually("both pictures", context: { daemon.errors }) {
                        try Set(receiver.accepted().map(\.path)) == ["/own", "/topic"]
                    }
                }
                let requests = try receiver.accepted()
                let phone = try #require(requests.first { $0.path == "/topic" })
                #expect(phone.method == "PUT")
                #expect(phone.body.starts(with: [0xFF, 0xD8, 0xFF]))
                #expect(phone.headers["title"] == "door: anything")
                #expect(phone.headers["message"]?.hasPrefix("anything at all, score ") == true)
                #expect(phone.headers["filename"]?.hasSuffix(".jpg") == true)
                let own = try #require(requests.first { $0.path == "/own" })
                try Data(own.body).write(to: URL(filePath: directory("form")))
                try await form(own.headers["content-type"] ?? "", in: directory, picture: phone.body)
            }
        }
    }

    /// Python's reader of mail finds the two parts.
    private func form(_ type: String, in directory: TemporaryDirectory, picture: [UInt8]) async throws {
        try Data(picture).write(to: URL(filePath: directory("picture.jpg")))
        let script = """
            import email, json, sys
            body = open(sys.argv[2], "rb").read()
            parts = email.message_from_bytes(b"Content-Type: " + sys.argv[1].encode() + b"\\r\\n\\r\\n" + body).get_payload()
            names = [part.get_param("name", header="content-disposition") for part in parts]
            assert names == ["event", "picture"], names
            assert json.loads(parts[0].get_payload(decode=True))["state"] == "started"
            assert parts[1].get_payload(decode=True) == open(sys.argv[3], "rb").read()
            """
        let arguments = ["-c", script, type, directory("form"), directory("picture.jpg")]
        try await tool("/usr/bin/python3", arguments, in: directory)
    }

    @Test func aTestSaysWhatIsAnswered() async throws {
        try await TemporaryDirectory.with { directory in
            try await WebhookReceiver.with(in: directory) { receiver in
                receiver.stop()
                try await receiver.start(answering: "[200, 410, 200]")
                let nowhere = try TCPPort.free()
                let file = try DaemonProcess.configuration(
                    DaemonProcess.stream("door", DaemonProcess.picture)
                        + """
                        webhooks:
                          - {name: chat, url: "\(receiver.url("/\(Self.canary)"))", template: slack}
                          - {name: gone, url: "http://127.0.0.1:\(nowhere)/\(Self.canary)", streams: [none]}
                        """,
                    in: directory
                )
                func test(_ name: String...) async throws -> Outcome {
                    try await watchword(["webhook", "test"] + name + ["--config", file], in: directory)
                }
                let good = try await test("chat")
                #expect(good.ending == .exit(0) && good.output == "chat answers 200\n", "\(good)")
                let text = try JSONValue(parsing: try #require(receiver.requests().first).text)["text"]?.string
                #expect(text == "*watchword: test*\nthis is a test, score 1")
                let bad = try await test("chat")
                #expect(bad.ending == .exit(1) && bad.output == "chat answers 410: check its url\n", "\(bad)")
                let all = try await test()
                #expect(all.ending == .exit(1), "\(all)")
                #expect(all.output.contains("chat answers 200\ngone cannot be reached: "), "\(all)")
                #expect(!"\(good)\(bad)\(all)".contains(Self.canary))
                let none = try await test("phone")
                #expect(none.ending == .exit(1))
                let wanted = "there is no webhook \"phone\": the configuration has chat, gone"
                #expect(none.errors.contains(wanted), "\(none)")
            }
        }
    }

    /// The newest picture of an event that is kept, or a drawn one.
    @Test func aTestHasAPictureIfPicturesAreWanted() async throws {
        try await TemporaryDirectory.with { directory in
            try await WebhookReceiver.with(in: directory) { receiver in
                let file = try DaemonProcess.configuration(
                    DaemonProcess.stream("door", DaemonProcess.picture) + """
                        webhooks:
                          - {name: phone, url: "\(receiver.url("/topic"))", template: ntfy, picture: true}
                          - {name: plain, url: "\(receiver.url("/plain"))"}
                        """,
                    in: directory
                )
                func pictures() async throws -> [UInt8] {
                    let outcome = try await watchword(
                        ["webhook", "test", "--config", file],
                        environment: ["WATCHWORD_EVENTS_PICTURES": directory("pictures")],
                        in: directory
                    )
                    #expect(outcome.ending == .exit(0), "\(outcome)")
                    let requests = try receiver.requests().suffix(2)
                    #expect(requests.map(\.path) == ["/topic", "/plain"])
                    #expect(requests.last?.text.hasPrefix("{") == true)
                    return try #require(requests.first).body
                }
                try Data(await pictures()).write(to: URL(filePath: directory("drawn.jpg")))
                let raw = directory("drawn.gray")
                try await ffmpeg("-i \(directory("drawn.jpg")) -f rawvideo -pix_fmt gray", to: raw, in: directory)
                let pixels = try Data(contentsOf: URL(filePath: raw))
                #expect(pixels.count == 320 * 180 && (pixels.first ?? 255) < 20 && (pixels.last ?? 0) > 230)

                let day = directory("pictures/2026-11-28")
                try FileManager.default.createDirectory(atPath: day, withIntermediateDirectories: true)
                for (name, age) in [("old", 100.0), ("new", 10)] {
                    let path = "\(day)/\(UUID().uuidString.lowercased()).jpg"
                    try Data(name.utf8).write(to: URL(filePath: path))
                    let date = Date(timeIntervalSinceNow: -age)
                    try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
                }
                #expect(try await pictures() == Array("new".utf8))
            }
        }
    }

    /// The receiver's certificate is verified: by the file that `ca` names, or by the system's.
    @Test func aReceiverOverTLSIsVerified() async throws {
        try await TemporaryDirectory.with { directory in
            try await WebhookReceiver.with(in: directory) { receiver in
                let (key, certificate) = (directory("hook.key"), directory("hook.pem"))
                let subject = ["-subj", "/CN=hook", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
                let request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate]
                try await tool("/usr/bin/openssl", request + subject, in: directory)
                let port = try TCPPort.free()
                let relay = try ChildProcess(
                    "/usr/bin/python3",
                    [Tree.tlsRelay, "\(port)", "\(receiver.port)", certificate, key],
                    in: directory,
                    name: "relay"
                )
                defer { relay.kill() }
                try await eventually("TLS at \(port)") { TCPPort.isListenedOn(port) }
                let file = try DaemonProcess.configuration(
                    DaemonProcess.stream("door", DaemonProcess.picture) + """
                        webhooks:
                          - {name: known, url: "https://127.0.0.1:\(port)/hook", ca: \(certificate)}
                          - {name: unknown, url: "https://127.0.0.1:\(port)/hook"}
                          - {name: misnamed, url: "https://localhost:\(port)/hook", ca: \(certificate)}
                          - {name: missing, url: "https://127.0.0.1:\(port)/hook", ca: \(directory("none.pem"))}
                        """,
                    in: directory
                )
                func test(_ name: String) async throws -> Outcome {
                    try await watchword(["webhook", "test", name, "--config", file], in: directory)
                }
                let known = try await test("known")
                #expect(known.ending == .exit(0) && known.output == "known answers 200\n", "\(known)")
                for name in ["unknown", "misnamed", "missing"] {
                    let outcome = try await test(name)
                    #expect(outcome.ending == .exit(1), "\(outcome)")
                    #expect(outcome.output.hasPrefix("\(name) cannot be reached: "), "\(outcome)")
                }
                // Nothing of the event went to a server that is not the one it should be.
                #expect(try receiver.requests().count == 1)
            }
        }
    }

    // MARK: - Parts

    private func atLeast(_ count: Int, _ receiver: WebhookReceiver, _ daemon: ChildProcess) async throws {
        try await eventually("\(count) records", context: { daemon.errors }) { try receiver.accepted().count >= count }
    }

    private func head(_ directory: TemporaryDirectory) throws -> Int64 {
        let hello = try SocketClient.hello(of: directory.socket)
        return try #require(hello["seq_last"]?.integer)
    }
}
