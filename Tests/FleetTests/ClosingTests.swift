import Synchronization
import System
import TestSupport
import Testing

@testable import Fleet
@testable import fleetload

@Suite("Connections that end", .serialized, .ownThread)
struct ClosingTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Where the library still reads for a subscription that is gone, it aborts the process.
    @Test("a connection is closed in the midst of messages")
    func midst() throws {
        let cluster = try RealEngine.cluster(in: directory, count: 1)
        let settings = cluster.settings
        let isOver = Atomic(false)
        let failure = Mutex<FleetError?>(nil)
        let flood = try NamedThread.start("flood") {
            do throws(FleetError) {
                let client = try EngineClient(settings, within: patience)
                let message = EngineMessage(subject: "flood", payload: [1])
                while !isOver.load(ordering: .acquiring) { for _ in 0..<100 { client.publish(message) } }
            } catch { failure.withLock { $0 = error } }
        }.get()
        defer {
            isOver.store(true, ordering: .releasing)
            flood.join()
        }
        for _ in 0..<300 {
            let client = try EngineClient(settings, within: patience)
            try client.subscribe("flood")
            try blockUntil("messages") { () throws -> Bool in
                if let error = failure.withLock(\.self) { throw error }
                return !client.take(within: .seconds(1)).isEmpty
            }
        }
    }
}
