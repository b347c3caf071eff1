import Foundation
import System
import TestSupport
import Testing
import Text

@testable import ScoreHistory

/// Which files stay.
@Suite struct HistoryRetentionTests {
    private let directory: TemporaryDirectory
    private let place: HistoryPlace

    init() throws {
        directory = try TemporaryDirectory()
        place = HistoryPlace(directory: directory.path + "/scores")
    }

    private func make(_ kind: HistoryPlace.Kind, _ age: Duration, bytes: Int = 1, of stream: String = "yard") throws
        -> String
    {
        let folder = place.folder(of: stream)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/" + HistoryPlace.name(kind, HistoryPlace.number(kind, at: noon - age))
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        #expect(truncate(path, bytes) == 0)
        return path
    }

    private func sweep(keep: Duration, at time: UTCTime = noon, isSynchronised: Bool = true) -> [String] {
        var told: [String] = []
        var retention = HistoryRetention(place, keep: keep)
        retention.sweep(now: RetentionClock.Reading(time: time, isSynchronised: isSynchronised)) { told.append($0) }
        return told
    }

    private func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    @Test func decisionsAreKeptForADayAndMinutesAsLongAsAsked() throws {
        let recent = try [0, 23, 24, 26].map { try make(.recent, .seconds(3600 * $0)) }
        let minutes = try [0, 6, 7, 8].map { try make(.minutes, .seconds(86_400 * $0)) }
        let foreign = place.folder(of: "yard") + "/notes"
        try Data().write(to: URL(filePath: foreign))
        #expect(sweep(keep: .seconds(7 * 86_400)).isEmpty)
        #expect(recent.map(isThere) == [true, true, true, false])
        #expect(minutes.map(isThere) == [true, true, true, false] && isThere(foreign))
    }

    /// A clock that has jumped by years removes nothing before somebody could correct it.
    @Test func aClockInDoubtRemovesNothingAtOnce() throws {
        let paths = [try make(.recent, .zero), try make(.minutes, .zero)]
        let told = sweep(keep: .seconds(7 * 86_400), at: noon + .seconds(86_400 * 900))
        #expect(paths.map(isThere) == [true, true] && told.count == 2, "\(told)")
        #expect(sweep(keep: .seconds(7 * 86_400), at: noon + .seconds(86_400 * 900), isSynchronised: false).isEmpty)
    }

    @Test func theOldestGoFirstWhereThereIsTooMuch() throws {
        let half = Int(HistoryRetention.byteLimit / 2)
        let paths = try [0, 1, 2].map { try make(.recent, .seconds(3600 * $0), bytes: half) }
        let other = try make(.recent, .seconds(3600 * 3), bytes: half, of: "door")
        _ = sweep(keep: .seconds(7 * 86_400))
        #expect(paths.map(isThere) == [true, true, false] && isThere(other))
    }

    @Test func aStreamThatIsGoneLeavesNothing() throws {
        _ = try make(.recent, .seconds(86_400 * 1.9), of: "gone")
        _ = try make(.recent, .zero)
        _ = sweep(keep: .seconds(86_400))
        #expect(!isThere(place.folder(of: "gone")) && isThere(place.folder(of: "yard")))
    }

    /// Names with numbers of no time, as a person or a damaged disk may leave them.
    @Test func numbersOfNoTimeAreNoFilesOfTheHistory() throws {
        let own = try make(.recent, .zero)
        let foreign = [
            "minutes-2026112008", "minutes--2026112008", "recent-2026112008", "recent--9223372036854775808",
            "minutes-9223372036854775807", "recent-9223372036854775808",
        ].map { place.folder(of: "yard") + "/" + $0 }
        for path in foreign { try Data("score".utf8).write(to: URL(filePath: path)) }
        #expect(sweep(keep: .seconds(86_400)).isEmpty)
        #expect(isThere(own) && foreign.allSatisfy(isThere))
        var damaged: [String] = []
        let read = try HistoryReader(place).read("yard", since: noon - .seconds(86_400)) { damaged.append($0) }
        #expect(read.isEmpty && damaged.isEmpty)
    }

    @Test func numbersOfAnyClockAreFilesOfTheHistory() throws {
        for kind in HistoryPlace.Kind.allCases {
            for number in [kind.numbers.lowerBound, -1, 0, kind.numbers.upperBound] {
                let parsed = try #require(HistoryPlace.parse(HistoryPlace.name(kind, number)))
                #expect(parsed.kind == kind && parsed.number == number)
                let time = HistoryPlace.start(kind, number)
                #expect(HistoryPlace.number(kind, at: time) == number)
                #expect(HistoryPlace.number(kind, at: time + kind.span) == number + 1)
            }
        }
    }
}
