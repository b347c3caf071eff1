import ConfigurationText
import Foundation
import Testing

@testable import Settings
@testable import Text

/// Compares the JSON Schema, as python3-jsonschema reads it, with the decoder.
@Suite("Configuration: the JSON Schema")
struct ConfigurationSchemaTests {
    private static let committed = ConfigurationFileTests.shipped + "/watchword.schema.json"
    private static let validator = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Reference/validate_configuration.py").standardizedFileURL.path

    @Test func theCommittedFileIsWhatIsGenerated() throws {
        let text = try String(contentsOfFile: Self.committed, encoding: .utf8)
        #expect(
            text == ConfigurationSchema.text + "\n",
            "regenerate it: watchword check --schema > Config/watchword.schema.json"
        )
    }

    @Test func theShippedFileNamesIt() throws {
        let text = try String(contentsOfFile: ConfigurationFileTests.shipped + "/watchword.yaml", encoding: .utf8)
        #expect(text.hasPrefix("# yaml-language-server: $schema=watchword.schema.json\n"))
    }

    @Test func everyKeySaysWhatItIsFor() {
        func check<Section>(_ keys: [OptionKey<Section>]) {
            for key in keys { #expect(!key.meaning.isEmpty, "\(key.name)") }
        }
        check(Schema.model)
        check(Schema.events)
        check(Schema.log)
        check(Schema.http)
        check(Schema.mqtt)
        check(Schema.fleet)
        check(Schema.stream)
        check(Schema.rules)
        check(Schema.input)
        check(Schema.region)
        check(Schema.span)
        check(Schema.ofModel)
    }

    /// The decoder reads each default in the schema as the default.
    @Test func defaultsAreWhatTheDecoderTakesForThem() throws {
        func section<Section: Equatable>(_ name: String, _ keys: [OptionKey<Section>], _ initial: Section) throws {
            var section = SourcedSection(initial)
            var context = DecodingContext(interpolation: Interpolation(environment: [:]))
            let members = keys.compactMap { key in key.json(initial).map { JSONValue.Member(key: key.name, value: $0) }
            }
            #expect(members.count >= keys.count - 1)
            let root = try #require(YAMLDocument(JSONValue.object(members).text(), file: "d.json").root)
            context.read(root, into: &section, keys, path: name)
            #expect(context.diagnostics.map(\.description) == [])
            #expect(section.value == initial)
        }
        try section("model", Schema.model, ModelSettings())
        try section("events", Schema.events, EventSettings())
        try section("defaults", Schema.stream, StreamOptions())
    }

    /// Texts that an operator may write.
    static let good = [
        goodStreams,
        "model:\ndefaults: ~\n\(goodStreams)",
        "model: {path: /srv/m, reuse: exact}\nevents: {socket: /tmp/s, journal: none, keep: 1.5d, keep_size: 2GiB}\n\(goodStreams)",
        "events: {journal: /var/lib/w/e.sqlite, history: 100, group: video}\nlog: {level: trace}\n\(goodStreams)",
        "mqtt: {url: 'mqtt://b:1883', username: u, password: '${P:p}', topic: home/ww, discovery: off, qos: 0}\n\(goodStreams)",
        "mqtt: {url: 'mqtts://b', ca: /a.pem, client_cert: /b.pem, client_key: /c.pem, client_id: 5}\n\(goodStreams)",
        "defaults: {window: 500ms, hop: 2, scoring: exclusive, temperature: 2, gate: 0, confirm: false}\n\(goodStreams)",
        "defaults: {threshold: auto}\n\(goodStreams)",
        "defaults: {audit: 1, neutral: [a, 5, no], background: [], threshold: 1, release: 0.0}\n\(goodStreams)",
        "defaults: {window: '${W:5s}', hop: '${H:1}', confirm: '${C:true}', transport: '${T:udp}'}\n\(goodStreams)",
        "defaults: {crop: {x: 0, y: 0.5, width: 1, height: 0.5}, masks: []}\n\(goodStreams)",
        "defaults: {crop: none, masks: [{x: 0, y: 0, width: 0.1, height: 0.1}], active: always}\n\(goodStreams)",
        "defaults: {active: {from: 07:00, to: 19:30, days: [mon], timezone: Europe/Berlin}}\n\(goodStreams)",
        "defaults: {active: [{from: '22:00', to: '6:00'}, {days: [sat, sun]}, {to: '24:00'}]}\n\(goodStreams)",
        "events: {journal: no, pictures: false}\nhttp: {token_file: off}\ndefaults: {crop: false}\n\(goodStreams)",
        "mqtt: {url: 'mqtt://b', discovery: false}\n\(goodStreams)",
        "x-common: &common {window: 5s}\ndefaults: {<<: *common, hop: 2}\n\(goodStreams)",
        "http:\n\(goodStreams)",
        "fleet: {servers: ['tls://a:4222', 'tls://b'], ca: /a.pem, user: u, password: '${P:p}', capacity: 40}",
        "fleet: {servers: ['nats://[::1]:4222'], host: h, capacity: measured, rhythm: quick}\n\(goodStreams)",
        "http: {listen: '[::1]:80', hosts: [a.example]}\n\(goodStreams)",
        """
        streams:
          - name: cam-1
            url: /dev/video0
            input: {size: 640x480, rate: 29.97, format: mjpeg}
            reuse: exact
            merge_gap: 1m
            labels:
              - plain
              - {name: fall, text: a person falls, threshold: 0.7, release: 0.2, min_duration: 0s, hold: 1s,
                 cooldown: 2h, merge_gap: 30s}
          - {name: b, url: './clip.mp4', input: , labels: [no, 5, 1.5, true]}
          - {name: c, url: 'rtsp://u:${P:x}@h/1', labels: ['${L:a dog}']}
        """,
    ]

    /// Texts that both refuse.
    static let bad = [
        "{}",
        "[]",
        "streams: []",
        "streams: {name: a}",
        "streams: [door]",
        "streams: [{url: 'rtsp://a', labels: [x]}]",
        "streams: [{name: a, labels: [x]}]",
        "streams: [{name: a, url: 'rtsp://a', labels: []}]",
        "streams: [{name: a, url: 'rtsp://a', labels: x}]",
        "streams: [{name: a, url: 'rtsp://a', labels: [{name: b}]}]",
        "streams: [{name: a, url: 'rtsp://a', labels: [{text: b, hop: 1}]}]",
        "streams: [{name: Door, url: 'rtsp://a', labels: [x]}]",
        "streams: [{name: a, url: camera, labels: [x]}]",
        "streams: [{name: a, url: 'rtsp://a', labels: [x], windw: 3s}]",
        "streams: [{name: a, url: 'rtsp://a', labels: [x], input: {size: 640}}]",
        "streams: [{name: a, url: 'rtsp://a', labels: [x], input: {colour: red}}]",
        "http: {listen: door}\n\(goodStreams)",
        "http: {token: abcdefghijklmnopqrstuvwxyz}\n\(goodStreams)",
        "http: {port: 8642}\n\(goodStreams)",
        "fleet: {servers: []}",
        "fleet: {servers: 'nats://a'}",
        "fleet: {servers: ['nats://a'], capacity: many}",
        "fleet: {servers: ['nats://a'], rhythm: slow}",
        "model: embedded\n\(goodStreams)",
        "model: {reuse: some}\n\(goodStreams)",
        "events: {history: 10}\n\(goodStreams)",
        "events: {journal: maybe}\n\(goodStreams)",
        "events: {keep_size: big}\n\(goodStreams)",
        "log: {level: loud}\n\(goodStreams)",
        "defaults: {window: 5}\n\(goodStreams)",
        "defaults: {window: 5 parsecs}\n\(goodStreams)",
        "defaults: {hop: 1.5}\n\(goodStreams)",
        "defaults: {hop: 0}\n\(goodStreams)",
        "defaults: {threshold: high}\n\(goodStreams)",
        "defaults: {threshold: 1.5}\n\(goodStreams)",
        "defaults: {confirm: 1}\n\(goodStreams)",
        "defaults: {neutral: []}\n\(goodStreams)",
        "defaults: {background: an empty yard}\n\(goodStreams)",
        "defaults: {reuse: exact}\n\(goodStreams)",
        "defaults: {crop: {x: 0, y: 0, width: 1}}\n\(goodStreams)",
        "defaults: {crop: {x: 0, y: 0, width: 640, height: 1}}\n\(goodStreams)",
        "defaults: {crop: all}\n\(goodStreams)",
        "defaults: {masks: {x: 0, y: 0, width: 1, height: 1}}\n\(goodStreams)",
        "defaults: {active: never}\n\(goodStreams)",
        "defaults: {active: []}\n\(goodStreams)",
        "defaults: {active: {from: 7, to: '19:30'}}\n\(goodStreams)",
        "defaults: {active: {from: '25:00'}}\n\(goodStreams)",
        "defaults: {active: {days: [monday]}}\n\(goodStreams)",
        "defaults: {active: {zone: UTC}}\n\(goodStreams)",
        "treshold: 0.5\n\(goodStreams)",
    ]

    @Test func whatTheDecoderTakesTheSchemaTakes() throws {
        for text in Self.good { #expect(diagnostics(text) == [], "\(text)") }
        for (text, verdict) in zip(Self.good, try verdicts(on: Self.good)) {
            #expect(verdict == nil, "\(text)")
        }
    }

    @Test func whatTheSchemaRefusesTheDecoderRefuses() throws {
        for text in Self.bad { #expect(diagnostics(text) != [], "\(text)") }
        for (text, verdict) in zip(Self.bad, try verdicts(on: Self.bad)) {
            #expect(verdict != nil, "\(text)")
        }
    }

    @Test func theShippedFilesAreValid() throws {
        let texts = try ["watchword.yaml", "demo.yaml"].map {
            try String(contentsOfFile: "\(ConfigurationFileTests.shipped)/\($0)", encoding: .utf8)
        }
        #expect(try verdicts(on: texts) == [nil, nil])
    }

    /// The validator's verdict on each text: nil if it is valid.
    private func verdicts(on texts: [String]) throws -> [String?] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = [Self.validator, Self.committed]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(texts))
        try input.fileHandleForWriting.close()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "python3-jsonschema is needed: `make setup-test`")
        let verdicts = try JSONDecoder().decode([String?].self, from: answer)
        try #require(verdicts.count == texts.count)
        return verdicts
    }
}
