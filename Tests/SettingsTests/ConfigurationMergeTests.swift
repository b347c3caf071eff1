import Events
import Recognition
import Testing

@testable import Settings

@Suite("Configuration: merge keys")
struct ConfigurationMergeTests {
    private func decode(_ text: String) throws -> Configuration {
        try Configuration.decode(text, file: "w.yaml", environment: [:])
    }

    @Test func aStreamTakesTheKeysOfAnAnchor() throws {
        let configuration = try decode(
            """
            x-slow: &slow
              window: 8s
              hop: 4
            x-strict: &strict {threshold: 0.9, hop: 2}
            defaults:
              release: 0.1
            streams:
              - &first
                name: a
                url: rtsp://a/1
                labels: [x]
                <<: *slow
                window: 7s
              - <<: [*strict, *first]
                name: b
            """
        )
        let (a, b) = (configuration.streams[0], configuration.streams[1])
        // Its own key holds, whatever the order; then the first of a list.
        #expect(a.specification.window == .seconds(7) && a.specification.hop == 4)
        #expect(b.specification.window == .seconds(7) && b.specification.hop == 2)
        #expect(b.labels.first?.rules.threshold == 0.9 && a.labels.first?.rules.threshold != 0.9)
        #expect(configuration.report.contains("streams.a.hop = 4   (w.yaml:3)"), "\(configuration.report)")
    }

    @Test func aMistakeInAnAnchorIsFoundWhereItIs() {
        let text = "x-a: &a {windw: 5s}\ndefaults: {<<: *a}\n\(goodStreams)"
        #expect(diagnostics(text) == [#"w.yaml:1:10: unknown key "windw" in defaults; did you mean "window"?"#])
    }

    @Test(arguments: ["defaults: {<<: 5}", "defaults: {<<: }", "defaults: {<<: [{hop: 2}, [a]]}"])
    func whatIsNoMappingCannotBeMerged(text: String) {
        let found = diagnostics("\(text)\n\(goodStreams)")
        #expect(found.count == 1 && found[0].contains("<< takes the keys of a mapping"), "\(found)")
    }

    /// In quotes it is a key like any other.
    @Test func aQuotedKeyMergesNothing() {
        let found = diagnostics("defaults: {'<<': {hop: 2}}\n\(goodStreams)")
        #expect(found.count == 1 && found[0].contains(#"unknown key "<<""#), "\(found)")
    }

    @Test func mergesCannotBlowUp() {
        var text = "x-0: &a0 {a: [x, x]}\n"
        for level in 1...30 {
            text += "x-\(level): &a\(level) {<<: [*a\(level - 1), *a\(level - 1)]}\n"
        }
        let found = diagnostics(text + goodStreams)
        #expect(found.count == 1 && found[0].contains("merge keys (<<) are too many or too deep"), "\(found)")
    }
}
