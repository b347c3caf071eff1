import Foundation
import TestSupport
import Testing
import Text

/// The HTTP API of the real program.
@Suite(.serialized) struct WebTests {
    private static let python = "/usr/bin/python3"

    @Test func itsAnswersAreWhatTheDescriptionSays() async throws {
        try await TemporaryDirectory.with { directory in
            let streams =
                DaemonProcess.stream("live", DaemonProcess.picture) + DaemonProcess.stream("dead", "/nowhere.mp4")
                + DaemonProcess.stream("whole", DaemonProcess.picture, "reuse: exact")
                + DaemonProcess.stream("swept", DaemonProcess.picture, "reuse: sweep")
            try await WebDaemon.with(streams, in: directory) { web in
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"since":0}}"#)
                try await eventually("an event of each") {
                    try client.read()
                    return ["live", "whole", "swept"].allSatisfy { stream in
                        client.lines.contains { $0.isEvent("started", of: stream) }
                    }
                }
                try await tool(Self.python, [Tree.apiValidator, web.base, Tree.apiDescription], in: directory)
            }
        }
    }

    @Test func aPictureIsWhatTheCameraShowsWithTheMasks() async throws {
        try await TemporaryDirectory.with { directory in
            let white = "'lavfi:color=white:size=1280x720:rate=25'"
            let mask = "masks: [{x: 0, y: 0, width: 0.5, height: 1}]"
            try await WebDaemon.with(DaemonProcess.stream("white", white, mask), in: directory) { web in
                let path = directory("frame.jpg")
                // Until the first picture has come the answer is 202.
                let curl = ["-sS", "-o", path, "-w", "%{http_code}", "\(web.base)/api/v1/streams/white/frame.jpg"]
                try await eventually("a picture") { () async throws -> Bool in
                    try await ChildProcess.with("/usr/bin/curl", curl, in: directory, name: "curl") { child in
                        let ending = try await child.finish()
                        #expect(ending == .exit(0), "\(child.errors)")
                        #expect(["200", "202"].contains(child.output))
                        return child.output == "200"
                    }
                }
                // As another decoder sees it: 640 wide, the left half grey and the right white.
                let raw = directory("frame.rgb")
                try await ffmpeg("-i \(path) -f rawvideo -pix_fmt rgb24", to: raw, in: directory)
                let pixels = try Data(contentsOf: URL(filePath: raw))
                #expect(pixels.count == 640 * 360 * 3)
                let row = 180 * 640 * 3
                #expect(abs(Int(pixels[row + 160 * 3]) - 128) < 4)
                #expect(pixels[row + 480 * 3] > 250)
                #expect(try await web.get("/api/v1/streams/black/frame.jpg").status == 404)
            }
        }
    }

    @Test func eventsStreamAndResumeWhereTheyWereLeft() async throws {
        try await TemporaryDirectory.with { directory in
            try await WebDaemon.with(DaemonProcess.stream("live", DaemonProcess.picture), in: directory) { web in
                let path = "/api/v1/events/stream?types=event,stream,scores&since=0"
                let first = try web.connect()
                first.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
                try await first.until("event: scores\n")
                try await first.until("\"state\":\"started\"")
                first.close()
                #expect(first.text.contains("Content-Type: text/event-stream"))
                #expect(first.text.contains("event: hello\ndata: {\"type\":\"hello\""))
                #expect(first.text.contains("event: snapshot\n"))
                let ids = first.text.matches(of: #/\nid: ([0-9a-f]+)-([0-9]+)\nevent: (?:event|stream)\n/#)
                let feed = String(try #require(ids.first).1)
                let numbers = ids.compactMap { Int($0.2) }
                #expect(numbers == Array(1...numbers.count))

                for (last, expected) in [("\(feed)-1", 2), ("1", 2), ("another-1", 1)] {
                    let again = try web.connect()
                    again.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: \(last)\r\n\r\n")
                    try await again.until("\nid: ")
                    #expect(again.text.contains("\nid: \(feed)-\(expected)\n"), "\(last): \(again.text)")
                    #expect(again.text.contains("\nid: \(feed)-1\n") == (expected == 1))
                    again.close()
                }
                #expect(try await web.get("/api/v1/events/stream?since=9999").status == 400)
                let listed = try await web.get("/api/v1/events?since=0&state=started&limit=1").json
                #expect(listed["events"]?.array?.first?["stream"]?.string == "live")
                #expect(listed["next"]?.integer == listed["events"]?.array?.first?.seq)
                #expect(try await web.get("/api/v1/events?stream=d*").json["events"]?.array?.isEmpty == true)
                #expect(try await web.get("/api/v1/events?label=any*").json["events"]?.array?.isEmpty == false)
            }
        }
    }

    @Test func beyondLoopbackNothingIsToldWithoutTheToken() async throws {
        try await TemporaryDirectory.with { directory in
            let token = "c4nary-c4nary-c4nary"
            let http = "  token: ${HTTP_TOKEN}\n"
            let environment = ["HTTP_TOKEN": token]
            let stream = DaemonProcess.stream("live", DaemonProcess.picture)
            try await WebDaemon.with(
                stream,
                http: http,
                host: "0.0.0.0",
                environment: environment,
                in: directory
            ) { web in
                let paths = [
                    "/page.js", "/rules.js", "/openapi.json", "/metrics", "/api/v1/streams", "/api/v1/events",
                    "/api/v1/events/stream", "/api/v1/streams/live/frame.jpg", "/api/v1/streams/nobody/frame.jpg",
                    "/nowhere", "/?token=\(token)x", "//api/v1/streams", "/%61pi/v1/streams",
                ]
                for path in paths {
                    let answer = try await web.get(path)
                    #expect(answer.status == 401, "\(path)")
                    #expect(!answer.body.contains("live\""), "\(path)")
                }
                #expect(try await web.get("/").status == 401)
                #expect(try await web.get("/").body.contains("<form"))
                #expect(try await web.get("/").body.contains("hidden>That is not the token."))
                #expect(try await web.get("/?token=wrong").body.contains("role=\"alert\">That is not the token."))
                for wrong in ["Authorization: Bearer \(token)x", "Authorization: Bearer ", "Cookie: watchword=x"] {
                    #expect(try await web.get("/api/v1/streams", wrong).status == 401)
                }
                #expect(try await web.get("/api/v1/streams", "Authorization: Bearer \(token)").status == 200)
                #expect(try await web.get("/healthz").status == 200)
                #expect(try await web.get("/readyz").status == 200)
                let entered = try await web.get("/?token=\(token)")
                #expect(entered.status == 303)
                #expect(entered.headers["location"] == "./")
                let cookie = try #require(entered.headers["set-cookie"]?.split(separator: ";").first)
                #expect(try await web.get("/", "Cookie: \(cookie)").status == 200)
                #expect(!web.daemon.errors.contains(token))
            }
        }
    }

    @Test func noForeignNameNorSiteIsServed() async throws {
        try await TemporaryDirectory.with { directory in
            try await WebDaemon.with(DaemonProcess.stream("live", DaemonProcess.picture), in: directory) { web in
                let foreign = try WebAnswer(
                    try await web.exchange("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
                )
                #expect(foreign.status == 421)
                #expect(try await web.get("/api/v1/streams", "Origin: http://evil.example").status == 403)
                let answer = try await web.get("/api/v1/streams")
                #expect(answer.headers["access-control-allow-origin"] == nil)
                #expect(answer.headers["cache-control"] == "no-store")
                #expect(answer.headers["x-content-type-options"] == "nosniff")
                let policy = answer.headers["content-security-policy"] ?? ""
                #expect(policy.hasPrefix("default-src 'none';"))
                #expect(!policy.contains("unsafe"))
                #expect(try await web.get("/metrics").status == 200)
            }
        }
    }

    @Test func malformedRequestsGetAnAnswerAndTheNextOneIsServed() async throws {
        try await TemporaryDirectory.with { directory in
            try await WebDaemon.with(DaemonProcess.stream("live", DaemonProcess.picture), in: directory) { web in
                let requests: [(String, Int)] = [
                    ("GET / HTTP/1.1\r\n\r\n", 400), ("\u{0}\u{1}\r\n\r\n", 400),
                    ("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                    ("POST /api/v1/streams HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
                    ("GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", 505),
                    ("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nabcde", 413),
                    ("GET /\(String(repeating: "a", count: 6000)) HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
                    (String(repeating: "a", count: 30_000), 431),
                ]
                for (request, status) in requests {
                    let answer = try WebAnswer(try await web.exchange(request))
                    #expect(answer.status == status, "\(request.prefix(60).debugDescription)")
                    #expect(answer.headers["connection"] == "close")
                    #expect(answer.errorCode != nil)
                }
                let files = [
                    "/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/api/v1/streams/..%2f..%2fx/frame.jpg",
                ]
                for path in files { #expect(try await web.get(path).status == 404) }
                // Two requests at once, then one in two parts.
                let pair = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
                let last = "HEAD /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                let connection = try web.connect()
                defer { connection.close() }
                connection.send(pair + pair + last.prefix(20))
                try await eventually("the first two answers", context: { connection.text }) {
                    connection.read()
                    return connection.text.components(separatedBy: "{\"status\":\"ok\"}").count == 3
                }
                connection.send(String(last.dropFirst(20)))
                let text = try await connection.readToEnd()
                #expect(text.components(separatedBy: "HTTP/1.1 200 OK").count == 4)
                #expect(text.components(separatedBy: "{\"status\":\"ok\"}").count == 3)
            }
        }
    }

    @Test func tooManyConnectionsShutNobodyOutAndTheDaemonGoesOn() async throws {
        try await TemporaryDirectory.with { directory in
            try await WebDaemon.with(DaemonProcess.stream("live", DaemonProcess.picture), in: directory) { web in
                let before = try web.daemon.openDescriptors
                let held = try (0..<160).map { _ in
                    let connection = try web.connect()
                    connection.send("GET /api/v1/streams HTTP/1.1\r\nHo")
                    return connection
                }
                #expect(try await web.get("/healthz").status == 200)
                #expect(try await web.get("/api/v1/streams").status == 200)
                try await eventually("the first of them ended") {
                    held[0].read()
                    return held[0].hasEnded
                }
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"types":["scores"]}}"#)
                try await client.next("scores") { $0.isScores(of: "live") }
                for connection in held { connection.close() }
                try await eventually("the connections' end") { try web.daemon.openDescriptors <= before + 8 }
                #expect(try await web.get("/healthz").status == 200)
            }
        }
    }

    @Test func aPortInUseStopsNothingAndIsTriedAgain() async throws {
        try await TemporaryDirectory.with { directory in
            let other = try SilentServer()
            let http = "http:\n  listen: 127.0.0.1:\(other.port)\n"
            let streams = DaemonProcess.stream("live", DaemonProcess.picture) + http
            try await DaemonProcess.with(streams, in: directory) { daemon in
                try await eventually("a warning", context: { daemon.errors }) {
                    daemon.errors.contains("127.0.0.1:\(other.port) is in use by another program")
                }
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"since":0}}"#)
                try await client.next("an event") { $0.isEvent("started", of: "live") }
                daemon.send(SIGTERM)
                #expect(try await daemon.finish() == .exit(0))
            }
        }
    }

    @Test(arguments: [
        ("http: {listen: '0.0.0.0:8642'}", "which other machines can reach, but there is no token"),
        ("http: {listen: '0.0.0.0:8642', token: abcdefghijklmnopqrstuvwxyz}", "http.token is written out"),
        ("http: {listen: '127.0.0.1'}", "is not an address with a port"),
        ("http: {token_file: /nowhere/token}", "/nowhere/token does not exist"),
        ("http: {token_file: /etc/hostname}", "fewer than 16"),
    ])
    func aConfigurationThatWouldLetOthersInIsRefused(section: String, message: String) async throws {
        try await TemporaryDirectory.with { directory in
            let streams = DaemonProcess.stream("live", DaemonProcess.picture) + section
            let file = try DaemonProcess.configuration(streams, in: directory)
            let outcome = try await watchword(["run", "--config", file], in: directory)
            #expect(outcome.ending == .exit(78), "\(outcome)")
            #expect(outcome.errors.contains(message), "\(outcome)")
            #expect(!outcome.errors.contains("abcdefghijklmnopqrstuvwxyz"))
        }
    }
}
