import Capture
import Foundation
import Frames
import Testing
import Text

@testable import Settings

@Suite("Configuration: regions and active hours")
struct ConfigurationScheduleTests {
    private func decode(_ defaults: String, _ stream: String = "hop: 1") throws -> Configuration {
        try Configuration.decode(
            "defaults: {\(defaults)}\nstreams: [{name: a, url: 'rtsp://a/1', labels: [x], \(stream)}]",
            file: "w.yaml"
        )
    }

    @Test func regionsAreFractionsOfThePicture() throws {
        let configuration = try decode(
            "crop: {x: 0, y: 0.5, width: 1, height: 0.5}, masks: [{x: 0, y: 0, width: 0.1, height: 0.2}]",
            "masks: [{x: 0.9, y: 0.9, width: 0.1, height: 0.1}, {x: 0, y: 0, width: 1, height: 0.125}]"
        )
        let stream = try #require(configuration.streams.first)
        #expect(stream.crop == Region(x: 0, y: 0.5, width: 1, height: 0.5))
        #expect(
            stream.masks == [
                Region(x: 0.9, y: 0.9, width: 0.1, height: 0.1), Region(x: 0, y: 0, width: 1, height: 0.125),
            ]
        )
        #expect(configuration.report.contains("defaults.crop = x 0, y 0.5, width 1, height 0.5   (w.yaml:1)"))
        #expect(configuration.report.contains("defaults.masks = x 0, y 0, width 0.1, height 0.2   (w.yaml:1)"))
        let transform = InputTransform(resize: .none, filter: .box, width: 8, height: 8)
        let source = stream.sourceOptions(transform: transform, interval: 1)
        #expect(source.crop == stream.crop)
        #expect(source.masks == stream.masks)
    }

    @Test func aStreamMayTakeBackWhatTheDefaultsSay() throws {
        let configuration = try decode(
            "crop: {x: 0, y: 0.5, width: 1, height: 0.5}, masks: [{x: 0, y: 0, width: 1, height: 0.1}], "
                + "active: {to: '12:00'}",
            "crop: none, masks: [], active: always"
        )
        let stream = try #require(configuration.streams.first)
        #expect(stream.options == StreamOptions())
        #expect(configuration.report.contains("streams.a.crop = none   (w.yaml:2)"))
        #expect(configuration.report.contains("streams.a.masks = none   (w.yaml:2)"))
        #expect(configuration.report.contains("streams.a.active = always   (w.yaml:2)"))
    }

    @Test func activeHoursAreASpanOrSeveral() throws {
        let one = try decode("active: {from: 07:00, to: 19:30, days: [mon, tue], timezone: Europe/Berlin}")
        #expect(
            one.report.contains("streams.a.active = 07:00 to 19:30 on mon, tue (Europe/Berlin)   (w.yaml:1)")
        )
        let hours = try #require(one.streams.first).active
        // 07:00 in Berlin.
        #expect(hours.contains(try Date("2026-11-23T06:00:00Z", strategy: .iso8601)))
        #expect(!hours.contains(try Date("2026-11-23T05:59:00Z", strategy: .iso8601)))

        let two = try decode("active: [{from: '22:00', to: '6:00'}, {days: [sat, sun]}]")
        #expect(
            two.report.contains("streams.a.active = 22:00 to 06:00; 00:00 to 24:00 on sat, sun   (w.yaml:1)")
        )
        #expect(two.streams.first?.active.spans.count == 2)
    }

    static let region = "write it like {x: 0, y: 0.25, width: 1, height: 0.5}"
    static let hours = #"write it like {from: "07:00", to: "19:30", days: [mon, tue]}"#

    @Test(arguments: [
        ("crop: 5", "1:18: defaults.crop must be a part of the picture, not a single value; \(region)"),
        ("crop: ~", "1:18: defaults.crop has no value; \(region)"),
        ("crop: {x: 0, y: 0, width: 1}", "1:18: defaults.crop has no height; \(region)"),
        (
            "crop: {x: 0.6, y: 0, width: 0.5, height: 1}",
            "1:40: defaults.crop.width is 0.5, which with x 0.6 reaches beyond the picture; lower it to 0.4 or less"
        ),
        (
            "crop: {x: 0, y: 0.9, width: 1, height: 0.2}",
            "1:51: defaults.crop.height is 0.2, which with y 0.9 reaches beyond the picture; lower it to 0.1 or less"
        ),
        (
            "crop: {x: 0, y: 0, width: 640, height: 1}",
            "1:38: defaults.crop.width is 640, outside 0.001 to 1; choose a value in that range"
        ),
        (
            "crop: {x: 0, y: 0, w: 1, width: 1, height: 1}",
            #"1:31: unknown key "w" in defaults.crop; did you mean "x"?"#
        ),
        (
            "masks: {x: 0, y: 0, width: 1, height: 1}",
            "1:19: defaults.masks must be a list, not a mapping; write it like [{x: 0, y: 0.25, width: 1, height: 0.5}]"
        ),
        (
            "masks: [{x: 0, y: 0, width: 1, height: 1}, {x: -1, y: 0, width: 1, height: 1}]",
            "1:59: defaults.masks[2].x is -1, outside 0 to 1; choose a value in that range"
        ),
        ("active: never", "1:20: defaults.active must be always, a span of time or a list of spans; \(hours)"),
        ("active: []", "1:20: defaults.active must be always, a span of time or a list of spans; \(hours)"),
        ("active: ~", "1:20: defaults.active has no value; \(hours)"),
        ("active: {}", "1:20: defaults.active must be a span of time; \(hours)"),
        ("active: [x]", "1:21: defaults.active[1] must be a span of time; \(hours)"),
        (
            "active: {from: 7, to: '19:30'}",
            #"1:27: defaults.active.from is "7", which is not a time of day; write it like 07:30, from 00:00 to 24:00"#
        ),
        (
            "active: {from: '08:00', to: '08:00'}",
            "1:27: defaults.active has no length: from 08:00 to 08:00; for whole days, leave out from and to"
        ),
        (
            "active: {days: [mon, tus]}",
            #"1:33: defaults.active.days has an unknown day; did you mean "tue"?"#
        ),
        (
            "active: {days: mon}",
            "1:27: defaults.active.days must be a list, not a single value; write it like [mon, tue, wed]"
        ),
        (
            "active: {timezone: Europe/Berlim}",
            #"1:31: defaults.active.timezone is "Europe/Berlim", which is not a time zone; did you mean "Europe/Berlin"?"#
        ),
        (
            "active: {zone: UTC}",
            #"1:21: unknown key "zone" in defaults.active; the keys here are from, to, days, timezone"#
        ),
    ])
    func whatIsWrong(defaults: String, expected: String) {
        #expect(diagnostics("defaults: {\(defaults)}\n\(goodStreams)") == ["w.yaml:\(expected)"])
    }
}
