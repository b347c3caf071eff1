import Testing

@testable import Daemon
@testable import System
@testable import Text

@Suite struct PictureRetentionTests {
    private func file(_ name: String, _ bytes: Int64, at second: Int64) -> PictureRetention.File {
        PictureRetention.File(path: name, byteCount: bytes, modified: UTCTime(microseconds: second * 1_000_000))
    }

    private func doomed(_ files: [PictureRetention.File], keep: Duration, keepBytes: Int64) -> [String] {
        let cutoff = UTCTime(microseconds: 100_000_000) - keep
        return PictureRetention.doomed(files, before: cutoff, keepBytes: keepBytes).map(\.path)
    }

    @Test func whatIsTooOldGoesWhateverItsSize() {
        let files = [file("new", 1, at: 95), file("old", 1, at: 89), file("older", 1, at: 10)]
        #expect(doomed(files, keep: .seconds(10), keepBytes: 1000) == ["older", "old"])
    }

    @Test func thenTheOldestUntilTheRestFits() {
        let files = [file("c", 40, at: 97), file("a", 50, at: 95), file("b", 30, at: 96)]
        #expect(doomed(files, keep: .seconds(50), keepBytes: 120) == [])
        #expect(doomed(files, keep: .seconds(50), keepBytes: 119) == ["a"])
        #expect(doomed(files, keep: .seconds(50), keepBytes: 69) == ["a", "b"])
        #expect(doomed(files, keep: .seconds(50), keepBytes: 0) == ["a", "b", "c"])
    }

    @Test func whatAgeRemovesMakesRoom() {
        let files = [file("old", 100, at: 1), file("new", 100, at: 99)]
        #expect(doomed(files, keep: .seconds(50), keepBytes: 100) == ["old"])
    }
}
