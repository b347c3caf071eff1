import TestSupport
import Testing

@testable import fleetload

@Suite("A backlog", .serialized, .ownThread)
struct BacklogTests {
    @Test("it comes once and in order while the servers' leader is killed twice")
    func kills() throws {
        let directory = try TemporaryDirectory()
        let backlog = Backlog(
            directory: directory.path + "/backlog",
            records: 20_000,
            cameras: 20,
            kills: 2,
            patience: patience
        )
        #expect(try backlog.run(server: try RealEngine.server) == [])
    }
}
