import EventFeed
import Foundation
import HTTP
import Testing
import Text

@testable import WebhookFeed

@Suite struct WebhookTemplateTests {
    static func record(_ line: String) throws -> WebhookRecord {
        try #require(WebhookRecord(FeedMessage(parsing: line), line: line))
    }

    static let started =
        #"{"type":"event","seq":7,"id":"e","state":"started","stream":"door","label":"fäll \"x\"","text":"a person falls","#
        + #""score":0.81234,"top_score":0.9,"threshold":0.6,"start_time":"2026-01-02T03:04:05.000000Z","end_time":null,"#
        + #""duration":null,"confirmed":true,"time":"2026-01-02T03:04:06.000000Z","picture":"/p/e.jpg"}"#

    private func body(_ template: String, _ line: String = started) throws -> String {
        let template = try WebhookTemplate(template)
        return String(
            decoding: WebhookRequest(try Self.record(line), picture: nil, template: template).body,
            as: UTF8.self
        )
    }

    @Test func theDefaultIsTheSocketsLine() throws {
        #expect(try body("json") == Self.started)
    }

    @Test(arguments: [
        (
            #"{"a": "{{label}} at {{ stream }}", "b": {{score}}, "c": {{end_time}}}"#,
            #"{"a": "fäll \"x\" at door", "b": 0.81234, "c": null}"#
        ),
        (#"{"a": "{{score}} {{end_time}}!", "b": {{label}}}"#, #"{"a": "0.81 !", "b": "fäll \"x\""}"#),
        (#"{"a\"{{state}}": {{confirmed}}, "b": {{seq}}}"#, #"{"a\"started": true, "b": 7}"#),
        ("[{{stream}}] {{label}} ({{score}})", "[door] fäll \"x\" (0.81)"),
        ("{{title}}: {{message}}", "door: fäll \"x\": a person falls, score 0.81"),
        (#"["{{stream}}", {{score}}]"#, #"["door", 0.81234]"#),
    ])
    func placeholders(template: String, expected: String) throws {
        #expect(try body(template) == expected)
    }

    /// Whatever a label says, the body stays JSON of the same form.
    @Test func aRecordCannotBreakOut() throws {
        let evil = #"\",\"admin\":true,\"x\":\"{{score}}\\\n"#
        let line = Self.started.replacing(#"fäll \"x\""#, with: evil)
        let value = try JSONValue(parsing: try body(#"{"a": "{{label}}", "b": {{label}}, "c": "{{event}}"}"#, line))
        let label = try JSONValue(parsing: line)["label"]
        #expect(value["b"] == label)
        #expect(value["admin"] == nil && value["a"]?.string?.contains(#"","admin":true"#) == true)
        #expect(value["c"]?.string?.contains("score") == true)
    }

    @Test(arguments: [
        ("nfty", "is neither json, ntfy, slack nor a text with placeholders"),
        ("{{label", "has a {{ that is not closed"),
        ("{{colour}}", "has an unknown placeholder"),
        (#"{"a": {{label}}"#, "begins as JSON, but is none once its placeholders are filled in"),
        (#"{"a": {{label}} {{score}}}"#, "begins as JSON, but is none once its placeholders are filled in"),
    ])
    func whatIsNoTemplate(text: String, message: String) {
        let error = #expect(throws: WebhookTemplate.Fault.self) { _ = try WebhookTemplate(text) }
        #expect(error?.message == message)
    }

    @Test func slackGetsItsMarksEscaped() throws {
        let line = Self.started.replacing(#"fäll \"x\""#, with: "<a & b>")
        let text = try JSONValue(parsing: try body("slack", line))["text"]?.string
        #expect(text == "*door: &lt;a &amp; b&gt;*\na person falls, score 0.81")
    }

    /// As ntfy's documentation has it: the text as the body, the title as a header; a file as the body, the text as a header.
    @Test func ntfyGetsATitle() throws {
        let record = try Self.record(Self.started)
        let plain = WebhookRequest(record, picture: nil, template: .ntfy)
        #expect(plain.method == "POST" && String(decoding: plain.body, as: UTF8.self) == "a person falls, score 0.81")
        let title = try #require(plain.headers.first { $0.name == "Title" }?.value)
        let encoded = try #require(title.firstMatch(of: /^=\?UTF-8\?B\?(.*)\?=$/)).1
        let decoded = try #require(Data(base64Encoded: String(encoded)))
        #expect(String(decoding: decoded, as: UTF8.self) == #"door: fäll "x""#)
        let pictured = WebhookRequest(record, picture: [1, 2, 3], template: .ntfy)
        #expect(pictured.method == "PUT" && pictured.body == [1, 2, 3] && pictured.contentType == "image/jpeg")
        #expect(pictured.headers.map(\.name) == ["Title", "Message", "Filename"])
        #expect(pictured.headers.map(\.value).suffix(2) == ["a person falls, score 0.81", "e.jpg"])
    }

    @Test func healthIsSaidToo() throws {
        let line =
            #"{"type":"stream","seq":8,"stream":"door","state":"offline","reason":"no route","#
            + #""since":"2026-01-02T03:04:05Z"}"#
        #expect(try body("{{title}}: {{message}}", line) == "door: offline: no route")
        #expect(try Self.record(line).moment == .health)
    }

    @Test func whatPasses() throws {
        var settings = WebhookSettings()
        let event = try Self.record(Self.started)
        #expect(settings.takes(event))
        settings.events = [.ended, .health]
        #expect(!settings.takes(event))
        settings.events = [.started]
        settings.streams = [Glob("yard"), Glob("do*")]
        #expect(settings.takes(event))
        settings.labels = [Glob("other")]
        #expect(!settings.takes(event))
        settings.streams = [Glob("yard")]
        settings.labels = []
        #expect(!settings.takes(event))
        let unknown = try Self.record(Self.started.replacing(#""state":"started""#, with: #""state":"health""#))
        settings = WebhookSettings()
        settings.events = Set(WebhookSettings.Moment.allCases)
        #expect(!settings.takes(unknown))
    }
}
