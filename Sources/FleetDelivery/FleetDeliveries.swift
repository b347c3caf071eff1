import Dispatch
package import Fleet
package import Logging
package import MQTTFeed
import Synchronization
import System
package import WebhookFeed

/// Delivers the records of all hosts by MQTT and webhooks while this host has the claim for it, on a thread of its own.
package final class FleetDeliveries: Sendable {
    private struct State {
        var plan = DeliveryPlan()
        /// Whether this host has the claim.
        var isOurs = false
        var isRenumbered = false
        var mqtt: MQTTFeed?
        var webhooks: WebhookFeed?
        /// Why nothing is delivered; nil if there is no trouble.
        var trouble: String?
    }

    private static let pause = Duration.seconds(2)
    /// How long a stop waits for the receivers, whose names may have to be looked up.
    private static let farewell = DispatchTimeInterval.seconds(8)

    private let settings: FleetSettings
    private let version: String
    private let announcements: AnnouncementFile
    private let logger: Logger
    private let wakeUp: WakeUp
    private let state = Mutex(State())
    private let thread = Mutex<NamedThread?>(nil)
    private let ended = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - settings: of the engine and this host.
    ///   - version: the daemon's, for the receivers.
    ///   - announcements: keeps what this host has announced to which broker.
    /// - Throws: `FleetError` if the process has no descriptors left.
    package init(
        _ settings: FleetSettings,
        version: String,
        announcements: AnnouncementFile,
        logger: Logger
    ) throws(FleetError) {
        self.settings = settings
        self.version = version
        self.announcements = announcements
        self.logger = logger
        do throws(Errno) { wakeUp = try WakeUp() } catch { throw FleetError("the fleet cannot be joined: \(error)") }
    }

    /// Starts the thread; call it once.
    package func start(_ marks: FleetMarks) throws(FleetError) {
        let started = NamedThread.start("deliveries") { [self] in
            run(marks)
            ended.signal()
        }
        guard case .success(let running) = started else {
            throw FleetError("the system has no threads left for the fleet")
        }
        thread.withLock { $0 = running }
    }

    /// Ends at once. What is left is the next host's.
    package func stop() {
        wakeUp.requestStop()
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let running else { return }
        if ended.wait(timeout: .now() + Self.farewell) == .success { running.join() } else { running.detach() }
    }

    /// Sets who gets the records.
    package func follow(_ plan: DeliveryPlan) {
        state.withLock { $0.plan = plan }
        wakeUp.signal()
    }

    /// This host has the claim from now on, or no longer has it.
    package func deliver(_ isOurs: Bool) {
        state.withLock { $0.isOurs = isOurs }
        wakeUp.signal()
    }

    /// The state of the broker; nil if this host delivers to none.
    package var broker: MQTTStatus? { state.withLock { $0.mqtt }?.status }
    /// The states of the webhooks to which this host delivers.
    package var webhooks: [WebhookStatus] { state.withLock { $0.webhooks }?.statuses ?? [] }
    /// Why nothing is delivered; nil if there is no trouble.
    package var trouble: String? { state.withLock { $0.trouble } }

    // MARK: - The thread

    private func run(_ marks: FleetMarks) {
        var run: DeliveryRun?
        while !wakeUp.isStopRequested {
            adapt(&run, marks)
            let (plan, isOurs) = state.withLock { ($0.plan, $0.isOurs) }
            // What failed is tried again.
            wakeUp.wait(for: isOurs && !plan.isEmpty && run == nil ? Self.pause : nil)
            wakeUp.clear()
        }
        end(&run)
    }

    private func adapt(_ run: inout DeliveryRun?, _ marks: FleetMarks) {
        let (plan, isWanted, isRenumbered) = state.withLock { state in
            defer { state.isRenumbered = false }
            return (state.plan, state.isOurs && !state.plan.isEmpty, state.isRenumbered)
        }
        let goesOn = isWanted && !isRenumbered && run?.follow(plan) == true
        if goesOn { return }
        end(&run)
        guard isWanted else { return }
        do {
            let begun = try DeliveryRun(
                plan,
                settings,
                marks,
                version: version,
                announcements: announcements
            ) { [self] in
                state.withLock { $0.isRenumbered = true }
                wakeUp.signal()
            }
            run = begun
            state.withLock { state in
                (state.mqtt, state.webhooks, state.trouble) = (begun.mqtt, begun.webhooks, nil)
            }
            logger.notice("this host delivers the fleet's records: \(plan.receivers.sorted().joined(separator: ", "))")
        } catch {
            let isNews = state.withLock { state in
                defer { state.trouble = "\(error)" }
                return state.trouble != "\(error)"
            }
            if isNews { logger.warning("the fleet's records are not delivered: \(error); this is tried again") }
        }
    }

    private func end(_ run: inout DeliveryRun?) {
        guard let running = run else { return }
        run = nil
        state.withLock { ($0.mqtt, $0.webhooks) = (nil, nil) }
        running.stop()
        logger.notice("this host no longer delivers the fleet's records")
    }
}
