import Fleet
import Logging
import Synchronization

/// Takes the notices of the fleet's member: adds them up for the pipeline, and logs them.
final class FleetNotices: Sendable {
    private struct State {
        var assignment = FleetAssignment()
        var notify: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    var assignment: FleetAssignment { state.withLock { $0.assignment } }

    /// Sets what is called after each change of the assignment, on the fleet's thread.
    func onChange(_ notify: @escaping @Sendable () -> Void) { state.withLock { $0.notify = notify } }

    func take(_ notice: FleetMember.Notice) {
        log(notice)
        let notify = state.withLock { $0.assignment.take(notice) ? $0.notify : nil }
        notify?()
    }

    private func log(_ notice: FleetMember.Notice) {
        switch notice {
        case .connected: logger.notice("connected with the fleet's servers")
        case .trouble(let text): logger.warning("\(text)")
        // The deliveries log what they do.
        case .configuration, .deliver: break
        case .refused(let camera, let reason):
            let text = "the fleet's servers refuse a record of \(camera) for ever: \(reason); a notice takes its place"
            logger.error("\(text)", metadata: ["stream": "\(camera)"])
        case .draining(let isDraining):
            logger.notice(isDraining ? "this host gives its cameras to others" : "this host takes cameras again")
        case .prepare(let camera, let owner):
            logger.info("opening \(camera), to take it over from \(owner)", metadata: ["stream": "\(camera)"])
        case .abandon(let camera):
            logger.info("\(camera) stays where it is", metadata: ["stream": "\(camera)"])
        case .start(let camera, let epoch, let reason):
            logger.notice("watches \(camera) under claim \(epoch): \(reason)", metadata: ["stream": "\(camera)"])
        case .stop(let camera, let owner):
            let news = owner.map { "\($0) watches it now" } ?? "no host has it any more"
            logger.notice("leaves \(camera): \(news)", metadata: ["stream": "\(camera)"])
        case .late(let camera):
            let text = "a record of \(camera) went to the late ones: another host had the camera already"
            logger.warning("\(text)", metadata: ["stream": "\(camera)"])
        case .ended(let camera, let event):
            logger.notice("ended event \(event) of \(camera), which a lost host left open")
        case .sameName:
            logger.error("another process reports under this host's name; give each host a fleet.host of its own")
        }
    }
}
