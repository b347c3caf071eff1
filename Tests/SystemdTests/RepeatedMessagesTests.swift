import Testing

@testable import System
@testable import Systemd

@Suite("Repeated messages")
struct RepeatedMessagesTests {
    @Test func onceASecondWithTheCount() {
        var messages = RepeatedMessages<String>()
        let first = [("a", 10.0), ("a", 10.5), ("b", 10.5), ("a", 10.999)]
        #expect(first.map { messages.admit($0, at: .seconds($1)) } == [true, false, true, false])
        let early = messages.takeSuppressed(at: .seconds(10.999))
        #expect(early.isEmpty)
        let over = messages.takeSuppressed(at: .seconds(11))
        #expect(over.map(\.message) == ["a"])
        #expect(over.map(\.count) == [2])

        let second = [("a", 11.0), ("a", 11.1), ("b", 11.1)]
        #expect(second.map { messages.admit($0, at: .seconds($1)) } == [true, false, false])
        let rest = messages.takeSuppressed()
        #expect(rest.map(\.message) == ["a", "b"])
        let again = messages.admit("a", at: .seconds(11.2))
        #expect(again)
    }

    @Test func memoryIsBounded() {
        var messages = RepeatedMessages<String>()
        let all = (0..<RepeatedMessages<String>.capacity).map { messages.admit("\($0)", at: .zero) }
        #expect(!all.contains(false))
        let beyond = ["one more", "one more", "0"].map { messages.admit($0, at: .zero) }
        #expect(beyond == [true, true, false])
    }
}
