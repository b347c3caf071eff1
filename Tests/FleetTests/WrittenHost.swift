import Synchronization
import System
import TestSupport

@testable import Fleet

/// A host of another build, as the engine sees it: what it sends is written by hand from the manual.
final class WrittenHost: Sendable {
    private let isGone = Atomic(false)

    /// Reports that it lives, four times a second, until it leaves.
    init(_ settings: FleetSettings, heartbeat: String) throws {
        let client = try Mutex(EngineClient(settings, within: patience))
        let subject = "watchword.hb.\(settings.host)"
        let started = NamedThread.start("written") { [self] in
            while !isGone.load(ordering: .acquiring) {
                client.withLock { $0.publish(EngineMessage(subject: subject, payload: Array(heartbeat.utf8))) }
                MonotonicTime.sleep(for: .milliseconds(250))
            }
        }
        guard case .success(let thread) = started else { throw WaitedInVain(description: "no thread") }
        thread.detach()
    }

    func leave() { isGone.store(true, ordering: .releasing) }
}
