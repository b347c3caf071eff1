import Events
import Foundation
import Testing

@testable import Daemon
@testable import Settings

@Suite struct StreamChangesTests {
    private func streams(_ text: String) throws -> [StreamConfiguration] {
        try Configuration.decode("streams:\n\(text)", file: "w.yaml").streams
    }

    private let door = "  - {name: door, url: /dev/video0, labels: [a, {name: b, text: b, threshold: 0.7}]}\n"

    @Test func whatStaysTheSameIsKeptWhereverItStands() throws {
        let yard = "  - {name: yard, url: /dev/video1, labels: [a]}\n"
        let changes = StreamChanges(from: try streams(door + yard), to: try streams(yard + "\n\n" + door))
        #expect(changes.names(.kept) == ["yard", "door"])
        #expect(changes.removed.isEmpty)
        #expect(changes.summary == "no stream has changed")
    }

    @Test func otherRulesAloneAreTakenInPlace() throws {
        let eased = door.replacing("labels:", with: "release: 0.3, labels:").replacing("0.7", with: "0.8")
        let changes = StreamChanges(from: try streams(door), to: try streams(eased))
        #expect(changes.names(.newRules) == ["door"])
        #expect(changes.streams.first?.configuration.labels.last?.rules.threshold == 0.8)
        #expect(changes.summary == "rules changed: door")
    }

    /// The model's thresholds of single texts go with the first threshold that the owner sets.
    @Test func theModelsThresholdsAreTakenInPlaceToo() throws {
        let model = NSTemporaryDirectory() + "watchword-changes-\(UUID().uuidString).json"
        try #"{"labels": [{"text": "a", "threshold": 0.9, "release": 0.6}]}"#
            .write(toFile: model, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: model) }
        let streams = try ["", "threshold: 0.8, "].map { threshold in
            let labels = door.replacing("labels:", with: "\(threshold)labels:")
            let defaults: ModelDefaults.Lookup = { _ in ModelDefaults(path: model) }
            return try Configuration.decode("streams:\n\(labels)", file: "w.yaml", modelDefaults: defaults).streams
        }
        let changes = StreamChanges(from: streams[0], to: streams[1])
        #expect(streams.map { $0[0].labels[0].rules.threshold } == [0.9, 0.8])
        #expect(changes.names(.newRules) == ["door"])
    }

    @Test(arguments: [
        "{name: door, url: /dev/video2, labels: [a, {name: b, text: b, threshold: 0.7}]}",
        "{name: door, url: /dev/video0, labels: [a]}",
        "{name: door, url: /dev/video0, labels: [a, {name: b, text: c, threshold: 0.7}]}",
        "{name: door, url: /dev/video0, labels: [{name: b, text: b, threshold: 0.7}, a]}",
        "{name: door, url: /dev/video0, window: 6s, threshold: 0.9, labels: [a, {name: b, text: b}]}",
        "{name: door, url: /dev/video0, input: {rate: 5}, labels: [a, {name: b, text: b, threshold: 0.7}]}",
    ])
    func allElseMakesItAnotherStream(other: String) throws {
        let changes = StreamChanges(from: try streams(door), to: try streams("  - \(other)\n"))
        #expect(changes.names(.replaced) == ["door"])
    }

    @Test func comingAndGoing() throws {
        let yard = "  - {name: yard, url: /dev/video1, labels: [a]}\n"
        let changes = StreamChanges(from: try streams(door), to: try streams(yard))
        #expect(changes.names(.added) == ["yard"])
        #expect(changes.removed == ["door"])
        #expect(changes.summary == "added: yard; removed: door")
    }

    @Test func whatWaitsForARestartIsNamed() throws {
        func decode(_ events: String) throws -> Configuration {
            try Configuration.decode("events: {\(events)}\nstreams:\n\(door)", file: "w.yaml")
        }
        let old = try decode("keep: 30d")
        #expect(try decode("keep: 30d").changesNeedingRestart(since: old).isEmpty)
        let new = try decode("keep: 3d, socket: /tmp/other.sock")
        #expect(new.changesNeedingRestart(since: old) == ["events.socket", "events.keep"])
    }
}
