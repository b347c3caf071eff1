import Foundation
import Testing
import TestSupport

@testable import EventFeed

@Suite struct SequenceMarkTests {
    private func path() throws -> (TemporaryDirectory, String) {
        let directory = try TemporaryDirectory()
        return (directory, directory.path + "/mark")
    }

    private let fresh = NumberingState(feedID: "ab", reserved: 0, state: .open, bootID: "boot")

    @Test func readsBackWhatItWrote() throws {
        let (_directory, path) = try path()
        let mark = try SequenceMark(path: path, fresh: fresh)
        #expect(mark.found == nil)
        mark.change { $0.reserved = 77 }
        try mark.write(durably: true)
        #expect(SequenceMark.peek(path: path)?.reserved == 77)
        mark.change { $0 = NumberingState(feedID: "a", reserved: 8, state: .closed, bootID: "") }
        try mark.write(durably: false)
        #expect(SequenceMark.peek(path: path) == mark.current)
        #expect(try Data(contentsOf: URL(filePath: path)).count == SequenceMark.size)
        _ = _directory
    }

    @Test func isLockedForAsLongAsItLives() throws {
        let (_directory, path) = try path()
        let mark = try SequenceMark(path: path, fresh: fresh)
        #expect(throws: MarkFailure.inUse) { _ = try SequenceMark(path: path, fresh: fresh) }
        _ = (mark, _directory)
    }

    @Test(arguments: [
        "", "{", "[]", "null", String(repeating: "x", count: 5000),
        #"{"feed_id":"a","reserved":-1,"state":"open","boot_id":""}"#,
        #"{"feed_id":"a","reserved":9223372036854775807,"state":"open","boot_id":""}"#,
        #"{"feed_id":"","reserved":1,"state":"open","boot_id":""}"#,
        #"{"feed_id":"a","reserved":1,"state":"ajar","boot_id":""}"#,
    ])
    func whatMakesNoSenseIsAsGoodAsNothing(text: String) throws {
        let (_directory, path) = try path()
        try Data(text.utf8).write(to: URL(filePath: path))
        #expect(try SequenceMark(path: path, fresh: fresh).found == nil)
        _ = _directory
    }
}
