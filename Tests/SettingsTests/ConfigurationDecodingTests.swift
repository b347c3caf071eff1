import Capture
import Events
import Logging
import Recognition
import Testing
import XCLIP

@testable import Settings
@testable import System

@Suite("Configuration: what a good file says")
struct ConfigurationDecodingTests {
    @Test func theSmallestFileHasTheDefaults() throws {
        let configuration = try Configuration.decode(
            """
            streams:
              - name: door
                url: rtsp://camera.local/stream2
                labels: [a person puts down a parcel]
            """,
            file: "w.yaml"
        )
        #expect(configuration.model == ModelSettings(path: "embedded", reuse: .cached))
        #expect(configuration.events.socket == "/run/watchword/events.sock")
        #expect(configuration.events.history == 10_000)
        #expect(configuration.events.group == "watchword")
        #expect(configuration.log.level == .info)
        let stream = try #require(configuration.streams.first)
        #expect(stream.url.expanded == "rtsp://camera.local/stream2")
        #expect(stream.options == StreamOptions())
        #expect(stream.input == nil)
        #expect(stream.labels.map(\.name) == ["a person puts down a parcel"])
        #expect(stream.labels.map(\.text) == ["a person puts down a parcel"])
        #expect(stream.labels.map(\.rules) == [StreamOptions().rules])
    }

    @Test func aStreamGoesOverTheDefaultsAndALabelOverTheStream() throws {
        let configuration = try Configuration.decode(
            """
            model: {path: /srv/model, reuse: exact}
            events: {socket: /tmp/e.sock, history: 500, group: video}
            log: {level: debug, format: json}
            defaults:
              window: 1.5s
              hop: 2
              scoring: exclusive
              temperature: 2.5
              background: [an empty yard, "rain: heavy"]
              threshold: 0.5
              release: 0.25
              min_duration: 500ms
              hold: 1m
              cooldown: 2h
              merge_gap: 30s
              open_timeout: 3s
              stall_timeout: 4s
              transport: udp
            streams:
              - name: door-1
                url: /dev/video0
                window: 8s
                reuse: cached
                background: []
                threshold: 0.75
                input: {size: 640x480, rate: 29.97, format: mjpeg}
                labels:
                  - plain text
                  - {name: fall, text: a person falls, threshold: 0.9, cooldown: 0s, merge_gap: 1m}
              - {name: yard, url: 'lavfi:testsrc2=size=64x64:rate=5', labels: [no, 5]}
            """,
            file: "w.yaml"
        )
        #expect(configuration.model == ModelSettings(path: "/srv/model", reuse: .exact))
        #expect(configuration.events == EventSettings(socket: "/tmp/e.sock", history: 500, group: "video"))
        #expect(configuration.log.level == .debug)
        #expect(configuration.log.format == .json)
        let door = configuration.streams[0]
        #expect(door.window == .seconds(8))
        #expect(door.hop == 2)
        #expect(door.reuse == .cached)
        #expect(door.scoring == .exclusive)
        #expect(door.temperature == 2.5)
        #expect(door.background == [])
        #expect(door.openTimeout == .seconds(3))
        #expect(door.stallTimeout == .seconds(4))
        #expect(door.transport == .udp)
        #expect(door.input == InputSettings(size: PixelSize(width: 640, height: 480), rate: 29.97, format: "mjpeg"))
        #expect(door.rules.threshold == 0.75)
        #expect(door.rules.minDuration == .milliseconds(500))
        #expect(door.labels[0].rules == door.rules)
        #expect(door.labels[1].name == "fall")
        #expect(door.labels[1].rules.threshold == 0.9)
        #expect(door.labels[1].rules.release == 0.25)
        #expect(door.labels[1].rules.cooldown == .zero)
        #expect(door.labels[1].rules.mergeGap == .seconds(60))
        #expect(door.labels[0].rules.mergeGap == .seconds(30))
        let yard = configuration.streams[1]
        #expect(yard.window == .milliseconds(1500))
        #expect(yard.reuse == .exact)
        #expect(yard.background == ["an empty yard", "rain: heavy"])
        #expect(yard.labels.map(\.text) == ["no", "5"])
        #expect(yard.rules.hold == .seconds(60))
        #expect(yard.rules.cooldown == .seconds(7200))
    }

    @Test func sectionsMayBeEmptyAndAliasesAreRead() throws {
        let configuration = try Configuration.decode(
            """
            model:
            defaults: ~
            streams:
              - {name: a, url: "rtsp://a/1", labels: &labels [one, two]}
              - {name: b, url: "rtsp://b/1", labels: *labels}
            """,
            file: "w.yaml"
        )
        #expect(configuration.streams[1].labels.map(\.text) == ["one", "two"])
    }

    @Test func aStreamSetsItsOwnPrecision() throws {
        func decode(_ model: String, _ streams: [String]) throws -> Configuration {
            let list = streams.enumerated().map { "  - {name: s\($0), url: \"rtsp://a/1\", labels: [a]\($1)}" }
            let text = "model: {precision: \(model)}\nstreams:\n" + list.joined(separator: "\n")
            return try Configuration.decode(text, file: "w.yaml")
        }
        let two = try decode("float32", ["", ", precision: int8"])
        #expect(two.streams.map(\.options.precision) == [.float32, .int8])
        #expect(two.streams.map(\.specification.precision) == [.float32, .int8])
        // The model is loaded with int8 if a stream may need it, and without if none does.
        #expect(two.loadedPrecision == .int8)
        #expect(try decode("int8", [", precision: auto", ", precision: float32"]).loadedPrecision == .auto)
        #expect(try decode("auto", [", precision: float32"]).loadedPrecision == .float32)
        #expect(try decode("float32", [""]).loadedPrecision == .float32)
    }

    @Test func theReportSaysWhereEachValueComesFrom() throws {
        let configuration = try Configuration.decode(
            """
            model:
              reuse: exact
            defaults:
              hold: 90s
            streams:
              - name: door
                url: rtsp://watcher:${DOOR_PASSWORD:none}@camera.local/stream2?token=abc
                window: 2000ms
                background: [an empty yard]
                input: {size: 64x48}
                labels:
                  - one
                  - {name: fall, text: falls, threshold: 0.7}
            """,
            file: "/etc/watchword/watchword.yaml",
            environment: ["DOOR_PASSWORD": "hunter2!", "WATCHWORD_DEFAULTS_HOP": "3"]
        )
        #expect(
            configuration.report == [
                "model.path = embedded   (default)",
                "model.frames = trained   (default)",
                "model.precision = auto   (default)",
                "model.reuse = exact   (watchword.yaml:2)",
                "events.socket = /run/watchword/events.sock   (default)",
                "events.journal = none   (default)",
                "events.keep = 30d   (default)",
                "events.keep_size = 1GB   (default)",
                "events.history = 10000   (default)",
                "events.group = watchword   (default)",
                "events.pictures = none   (default)",
                "events.pictures_size = 2GB   (default)",
                "events.clip_after = 0s   (default)",
                "events.clip_before = 5s   (default)",
                "log.level = info   (default)",
                "log.format = text   (default)",
                "mqtt.url = none   (default)",
                "fleet.servers = none   (default)",
                "defaults.window = 5s   (default)",
                "defaults.hop = 3   (WATCHWORD_DEFAULTS_HOP)",
                "defaults.scoring = independent   (default)",
                "defaults.temperature = 1   (default)",
                "defaults.gate = 2   (default)",
                "defaults.gate_refresh = 30s   (default)",
                "defaults.confirm = true   (default)",
                "defaults.audit = 0.005   (default)",
                "defaults.neutral = \(NeutralBackground.texts.joined(separator: ", "))   (default)",
                "defaults.background = none   (default)",
                "defaults.threshold = 0.6   (default)",
                "defaults.release = 0.4   (default)",
                "defaults.min_duration = 1s   (default)",
                "defaults.hold = 90s   (watchword.yaml:4)",
                "defaults.cooldown = 10s   (default)",
                "defaults.merge_gap = 0s   (default)",
                "defaults.crop = none   (default)",
                "defaults.masks = none   (default)",
                "defaults.view = square   (default)",
                "defaults.active = always   (default)",
                "defaults.open_timeout = 10s   (default)",
                "defaults.stall_timeout = 10s   (default)",
                "defaults.frozen_after = 1m   (default)",
                "defaults.transport = auto   (default)",
                "defaults.track = 0   (default)",
                "defaults.capture = process   (default)",
                "defaults.clock = auto   (default)",
                "defaults.poll = 0s   (default)",
                "defaults.headers = none   (default)",
                "defaults.tls = verified   (default)",
                "streams.door.url = rtsp://***@camera.local/stream2?token=***   (watchword.yaml:7)",
                "streams.door.window = 2s   (watchword.yaml:8)",
                "streams.door.hop = 3   (WATCHWORD_DEFAULTS_HOP)",
                "streams.door.scoring = independent   (default)",
                "streams.door.temperature = 1   (default)",
                "streams.door.gate = 2   (default)",
                "streams.door.gate_refresh = 30s   (default)",
                "streams.door.confirm = true   (default)",
                "streams.door.audit = 0.005   (default)",
                "streams.door.neutral = \(NeutralBackground.texts.joined(separator: ", "))   (default)",
                "streams.door.background = an empty yard   (watchword.yaml:9)",
                "streams.door.threshold = 0.6   (default)",
                "streams.door.release = 0.4   (default)",
                "streams.door.min_duration = 1s   (default)",
                "streams.door.hold = 90s   (watchword.yaml:4)",
                "streams.door.cooldown = 10s   (default)",
                "streams.door.merge_gap = 0s   (default)",
                "streams.door.crop = none   (default)",
                "streams.door.masks = none   (default)",
                "streams.door.view = square   (default)",
                "streams.door.active = always   (default)",
                "streams.door.open_timeout = 10s   (default)",
                "streams.door.stall_timeout = 10s   (default)",
                "streams.door.frozen_after = 1m   (default)",
                "streams.door.transport = auto   (default)",
                "streams.door.track = 0   (default)",
                "streams.door.capture = process   (default)",
                "streams.door.clock = auto   (default)",
                "streams.door.poll = 0s   (default)",
                "streams.door.headers = none   (default)",
                "streams.door.tls = verified   (default)",
                "streams.door.precision = auto   (default)",
                "streams.door.reuse = exact   (watchword.yaml:2)",
                "streams.door.input.size = 64x48   (watchword.yaml:10)",
                "streams.door.labels[1] = one   (watchword.yaml:12)",
                "streams.door.labels[2].name = fall   (watchword.yaml:13)",
                "streams.door.labels[2].text = falls   (watchword.yaml:13)",
                "streams.door.labels[2].threshold = 0.7   (watchword.yaml:13)",
            ]
        )
    }
}
