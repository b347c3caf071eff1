import EventFeed
import Events
import Foundation
import TestSupport
import Testing

@testable import System
@testable import Text
@testable import WebFeed

/// The server with other sources and shorter limits than the daemon's.
@Suite(.serialized, .ownThread) struct WebServerTests {
    private static let doorKey = "ad32d0eeaeffa1aa4ab1b4a1e6f801e8"

    private static func event(_ number: Int, state: LabelEvent.State = .started) -> FeedRecord {
        .event(
            LabelEvent(
                id: "e\(number)",
                state: state,
                stream: "door",
                label: number.isMultiple(of: 2) ? "even" : "odd",
                text: "a number",
                score: 0.9,
                topScore: 0.9,
                threshold: 0.6,
                startTime: UTCTime(microseconds: 0),
                windowSeconds: 5,
                model: "m",
                confirmed: true,
                time: UTCTime(microseconds: 0)
            )
        )
    }

    @Test func aHeadThatDoesNotComeWholeEndsTheConnection() throws {
        var limits = WebLimits.patient
        limits.headTime = .milliseconds(100)
        let web = try RunningWeb(limits)
        let slow = try web.connect()
        slow.send("GET / HTTP/1.1\r\nHost: local")
        #expect(slow.readToEnd().hasPrefix("HTTP/1.1 408 "))
    }

    /// Half a head costs the connection, not its neighbours.
    @Test func halfHeadsShutNobodyOut() throws {
        let web = try RunningWeb()
        let halves = try (0..<200).map { _ in
            let half = try web.connect()
            half.send("GET / HTTP/1.1\r\nHost: local")
            return half
        }
        for path in ["/healthz", "/api/v1/events"] { #expect(try web.ask(path).hasPrefix("HTTP/1.1 200 "), "\(path)") }
        // The first ones were ended without a word.
        #expect(halves[0].readToEnd() == "")
    }

    /// While every place is taken by one that is being answered, health and whoever has the token get through.
    @Test func someRequestsAlwaysGetThrough() throws {
        var limits = WebLimits.patient
        (limits.maxConnections, limits.maxPerPeer, limits.maxReserved) = (3, 3, 1)
        limits.reservedTime = patience
        let web = try RunningWeb(limits, token: "0123456789abcdef")
        let bearer = "Authorization: Bearer 0123456789abcdef"
        let streams = try (0..<3).map { _ in
            let stream = try web.connect()
            stream.send("GET /api/v1/events/stream HTTP/1.1\r\nHost: localhost\r\n\(bearer)\r\n\r\n")
            #expect(stream.read(until: "event: snapshot"))
            return stream
        }
        /// The threads of ended connections count as well, and on a busy machine they take their time.
        func waitForThreads() throws {
            try blockUntil("the requests before are gone") { web.server.connectionCount <= 4 }
        }
        for _ in 0..<5 {
            #expect(try web.ask("/healthz").hasPrefix("HTTP/1.1 200 "))
            try waitForThreads()
            #expect(try web.ask("/api/v1/events", bearer).hasPrefix("HTTP/1.1 200 "))
            try waitForThreads()
            #expect(try web.ask("/").hasPrefix("HTTP/1.1 503 "))
            try waitForThreads()
            #expect(try web.ask("/api/v1/events", bearer + "x").hasPrefix("HTTP/1.1 503 "))
            try waitForThreads()
        }
        // Half a head holds the last place only until the next one comes.
        let half = try web.connect()
        half.send("GET /healthz HTT")
        #expect(try web.ask("/healthz").hasPrefix("HTTP/1.1 200 "))
        #expect(half.readToEnd() == "")
        #expect(streams.count == 3)
    }

    @Test func oneAddressCannotTakeAllPlaces() throws {
        let limits = WebLimits()
        let connections = OpenConnections(limits: limits)
        // None of these is open, and none is ended.
        for descriptor in Int32(10_000)..<Int32(10_000 + limits.maxPerPeer) {
            #expect(connections.add(descriptor, from: "a") == .served)
            #expect(connections.begin(descriptor))
        }
        #expect(connections.add(20_000, from: "a") == .reserved)
        #expect(connections.add(20_001, from: "b") == .served)
        for _ in 0..<limits.maxStreamsPerPeer { #expect(connections.addStream(from: "a")) }
        #expect(!connections.addStream(from: "a") && connections.addStream(from: "b"))
        connections.removeStream(from: "a")
        #expect(connections.addStream(from: "a"))
    }

    @Test func aPicturesKeyOpensThatPictureOnly() throws {
        let token = "0123456789abcdef"
        let jpeg = Array("a picture".utf8)
        let web = try RunningWeb(token: token) {
            $0.picture = { $0.hasPrefix("d") ? .jpeg(jpeg, taken: UTCTime(microseconds: 0)) : .noSuchStream }
        }
        // `printf 'frame.jpg door' | openssl dgst -sha256 -hmac 0123456789abcdef`, the first half.
        let key = "\(Self.doorKey)"
        #expect(PictureKey(token: token).key(of: "door") == key)
        let picture = "/api/v1/streams/door/frame.jpg"
        #expect(try web.ask("\(picture)?key=\(key)").hasSuffix("a picture"))
        let others = [
            picture, "\(picture)?key=", "\(picture)?key=\(key)0", "\(picture)?token=\(token)",
            "/api/v1/streams/dock/frame.jpg?key=\(key)", "/api/v1/streams?key=\(key)", "/?key=\(key)",
            "/metrics?key=\(key)",
            "/api/v1/events/known/picture.jpg?key=\(key)",
        ]
        for path in others { #expect(try web.ask(path).hasPrefix("HTTP/1.1 401 "), "\(path)") }
        // As programs that show pictures do it: asked for a password, they send one.
        #expect(try web.ask(picture).contains("\r\nWWW-Authenticate: Basic realm=\"watchword\""))
        let basic = { (pair: String) in "Authorization: Basic " + Data(pair.utf8).base64EncodedString() }
        for user in ["", "anybody", "a b"] {
            #expect(try web.ask(picture, basic("\(user):\(token)")).hasSuffix("a picture"))
        }
        for pair in [token, "\(token):", "u:\(token)x", ":"] {
            #expect(try web.ask(picture, basic(pair)).hasPrefix("HTTP/1.1 401 "), "\(pair)")
        }
        #expect(try web.ask(picture, "Authorization: Basic !").hasPrefix("HTTP/1.1 401 "))
    }

    @Test func onlyNamedPagesMayFrameIt() throws {
        let closed = try RunningWeb().ask("/")
        #expect(closed.contains("frame-ancestors 'none'\r\n") && closed.contains("X-Frame-Options: DENY\r\n"))
        let open = try RunningWeb(frameAncestors: ["https://ha.example:8123"]).ask("/")
        #expect(open.contains("frame-ancestors 'self' https://ha.example:8123\r\n"))
        #expect(!open.contains("X-Frame-Options"))
    }

    @Test func aConnectionWithoutRequestsIsClosed() throws {
        var limits = WebLimits.patient
        limits.idleTime = .milliseconds(100)
        let web = try RunningWeb(limits)
        #expect(try web.connect().readToEnd() == "")
        // A request that comes when its connection was closed already is sent again over another.
        try blockUntil("an answer and then the end") {
            let used = try web.connect()
            used.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let text = used.readToEnd()
            #expect(text.isEmpty || text.hasSuffix("{\"status\":\"ok\"}\n"))
            return !text.isEmpty
        }
    }

    @Test func eventsBeyondTheCapAreRefusedAndAnEndedOneMakesRoom() throws {
        var limits = WebLimits.patient
        limits.maxStreams = 1
        let web = try RunningWeb(limits)
        var first: Visitor? = try web.connect()
        first?.send("GET /api/v1/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(first?.read(until: "event: snapshot") == true)
        #expect(try web.ask("/api/v1/events/stream").hasPrefix("HTTP/1.1 503 "))
        first = nil
        // The server sees at its next look that nobody is there any more.
        try blockUntil("room for another") {
            let next = try web.connect()
            next.send("GET /api/v1/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return next.read(until: "event: snapshot")
        }
    }

    @Test func aQuietStreamShowsThatItLives() throws {
        var limits = WebLimits.patient
        limits.heartbeat = .zero
        let web = try RunningWeb(limits)
        let visitor = try web.connect()
        visitor.send("GET /api/v1/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(visitor.read(until: "\n\n: alive\n\n"))
    }

    @Test func aStopEndsAllConnections() throws {
        let web = try RunningWeb()
        let (stream, idle) = (try web.connect(), try web.connect())
        stream.send("GET /api/v1/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(stream.read(until: "event: snapshot"))
        web.server.stop()
        #expect(!stream.read(until: "more"))
        #expect(idle.readToEnd() == "")
        #expect(throws: (any Error).self) { try web.connect() }
    }

    @Test func twoServersDoNotShareAPort() throws {
        let web = try RunningWeb()
        let listen = ListenAddress(ipv4: (127, 0, 0, 1), port: web.port)
        let sources = WebSources(
            connect: { () throws(FeedError) in try FeedClient(connectingTo: "") },
            streams: { JSONLine() },
            picture: { _ in .noSuchStream },
            keepsake: { _, _ in nil },
            unreadiness: { nil },
            metrics: nil
        )
        let second = WebServer(WebSettings(listen: listen, token: nil), sources: sources)
        let error = #expect(throws: WebFeedError.self) { try second.start() }
        #expect(error?.code == .inUse)
    }

    @Test func aStreamThatIsBeingOpenedIsNoFault() throws {
        let web = try RunningWeb { $0.picture = { _ in .opening } }
        let answer = try web.ask("/api/v1/streams/door/frame.jpg")
        #expect(answer.hasPrefix("HTTP/1.1 202 Accepted\r\n") && answer.contains("Retry-After: 1\r\n"))
        #expect(answer.hasSuffix(#"{"status":"opening"}"# + "\n"))
    }

    @Test func whatIsKeptOfAnEventIsServedAndNothingElse() throws {
        let web = try RunningWeb()
        let found = try web.ask("/api/v1/events/known/picture.jpg")
        #expect(found.hasPrefix("HTTP/1.1 200 ") && found.contains("Content-Type: image/jpeg"))
        #expect(found.hasSuffix("\r\n\r\na strip"))
        for path in ["known/clip.mp4", "unknown/picture.jpg", "known/picture.png", "known/../picture.jpg", "known/"] {
            #expect(
                try web.ask("/api/v1/events/\(path)").range(of: "^HTTP/1.1 40[04] ", options: .regularExpression)
                    != nil,
                "\(path)"
            )
        }
    }

    @Test func whatIsMissingIsSaid() throws {
        let web = try RunningWeb {
            $0.connect = { () throws(FeedError) in try FeedClient(connectingTo: "/nowhere/e.sock") }
            $0.unreadiness = { "inference hangs" }
        }
        for path in ["/readyz", "/api/v1/events", "/api/v1/events/stream", "/api/v1/streams/door/frame.jpg"] {
            let answer = try web.ask(path)
            #expect(answer.hasPrefix("HTTP/1.1 503 "), "\(path)")
            #expect(answer.contains("Retry-After: 1\r\n"))
        }
        #expect(try web.ask("/readyz").contains("inference hangs"))
        #expect(try web.ask("/healthz").hasPrefix("HTTP/1.1 200 "))
        #expect(try web.ask("/metrics").hasPrefix("HTTP/1.1 404 "))
    }

    @Test func metricsAreServedAsTheyAre() throws {
        let web = try RunningWeb { $0.metrics = { "# TYPE watchword_x counter\nwatchword_x 1\n" } }
        let answer = try web.ask("/metrics")
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(answer.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n# TYPE watchword_x counter\nwatchword_x 1\n"))
    }

    @Test func theNewestEventsAreFoundHoweverFarBack() throws {
        let web = try RunningWeb()
        web.hub.publish(Self.event(1))
        for number in 1...3000 { web.hub.publish(Self.event(number * 2)) }
        let numbers = { (answer: String) in answer.matches(of: #/"seq":(\d+)/#).compactMap { Int($0.1) } }
        #expect(numbers(try web.ask("/api/v1/events?limit=3")) == [2999, 3000, 3001])
        #expect(numbers(try web.ask("/api/v1/events?label=odd")) == [1])
        #expect(numbers(try web.ask("/api/v1/events?label=o*&label=nothing&limit=1")) == [1])
        #expect(numbers(try web.ask("/api/v1/events?since=10&limit=2")) == [11, 12])
        #expect(try web.ask("/api/v1/events?since=10&limit=2").contains("\"next\":12,"))
        #expect(try web.ask("/api/v1/events?since=3001").contains("\"next\":3001,\"gap\":null,\"events\":[]"))
        #expect(try web.ask("/api/v1/events?since=3002").hasPrefix("HTTP/1.1 400 "))
        #expect(numbers(try web.ask("/api/v1/events?state=ended")) == [])
    }

    @Test func whatIsNoLongerKeptIsAGap() throws {
        let web = try RunningWeb()
        for number in 1...10_005 { web.hub.publish(Self.event(number)) }
        let answer = try web.ask("/api/v1/events?since=0&limit=1")
        #expect(answer.contains("\"gap\":{\"from\":1,\"to\":5}"))
        #expect(answer.contains("\"seq\":6,"))
        #expect(try web.ask("/api/v1/events?limit=1").contains("\"seq\":10005,"))
    }
}
