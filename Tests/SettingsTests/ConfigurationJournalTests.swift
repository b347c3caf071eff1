import ConfigurationText
import Testing

@testable import Settings
@testable import System

@Suite("Configuration: the journal") struct ConfigurationJournalTests {
    private func decode(_ events: String, _ environment: [String: String] = [:]) throws -> EventSettings {
        let text = "events: {\(events)}\n\(goodStreams)"
        return try Configuration.decode(text, file: "w.yaml", environment: environment).events
    }

    @Test func isThereWhereSystemdGivesADirectory() throws {
        #expect(try decode("").journal == nil)
        #expect(try decode("", ["STATE_DIRECTORY": "/var/lib/watchword"]).journal == "/var/lib/watchword/events.sqlite")
        #expect(try decode("", ["STATE_DIRECTORY": "/a:/b"]).journal == "/a/events.sqlite")
        #expect(try decode("", ["STATE_DIRECTORY": ""]).journal == nil)
        #expect(try decode("journal: none", ["STATE_DIRECTORY": "/a"]).journal == nil)
        #expect(try decode("", ["WATCHWORD_EVENTS_JOURNAL": "/tmp/j.sqlite"]).journal == "/tmp/j.sqlite")
    }

    @Test func readsItsLimits() throws {
        let events = try decode("journal: ./j.sqlite, keep: 2h, keep_size: 1.5GB")
        #expect(events.journal == "./j.sqlite")
        #expect(events.keep == .seconds(7200))
        #expect(events.keepSize == 1_500_000_000)
        #expect(try decode("keep_size: 2GiB").keepSize == 2_147_483_648)
    }

    @Test(arguments: ["none", "off", "no", "false", "False", "'none'"])
    func thereIsNoneIfItIsSwitchedOff(word: String) throws {
        #expect(try decode("journal: \(word), pictures: \(word)").journal == nil)
    }

    @Test(arguments: [
        (
            "journal: maybe",
            "1:19: events.journal is not the path of a file; write it like /var/lib/watchword/events.sqlite, or none"
        ),
        (
            "journal: /var/lib/",
            "1:19: events.journal is not the path of a file; write it like /var/lib/watchword/events.sqlite, or none"
        ),
        ("keep: 1s", "1:16: events.keep is 1s, outside 1m to 3650d; choose a value in that range"),
        ("keep: 30", #"1:16: events.keep is "30", which has no unit; write 30s if seconds are meant"#),
        ("keep_size: 5", #"1:21: events.keep_size is "5", which is not a size; write it like 500MB, 1.5GB or 2GiB"#),
        (
            "keep_size: 5 GB",
            #"1:21: events.keep_size is "5 GB", which is not a size; write it like 500MB, 1.5GB or 2GiB"#
        ),
        ("keep_size: 1KB", "1:21: events.keep_size is 1KB, outside 1MB to 1TB; choose a value in that range"),
        (
            "keep_size: 999999999999999999TB",
            #"1:21: events.keep_size is "999999999999999999TB", which is not a size; "#
                + "write it like 500MB, 1.5GB or 2GiB"
        ),
    ])
    func saysWhatIsWrong(events: String, diagnostic: String) {
        let error = #expect(throws: ConfigurationError.self) { try decode(events) }
        #expect(error?.description.contains(diagnostic) == true, "\(error?.description ?? "none")")
    }
}
