import Fleet
import FleetDelivery
import Settings
import Synchronization
import Text

/// This host in its fleet: what the fleet assigns to it, for the pipeline to follow.
final class FleetHost: Sendable {
    /// Reads the fleet's configuration on top of the host's own.
    typealias Reading = @Sendable (_ text: String, _ file: String, _ own: Configuration) throws -> Configuration

    private struct State {
        /// What the pipeline follows.
        var followed = FleetAssignment()
        /// The fleet's streams, by the last revision that could be read.
        var streams: [StreamConfiguration] = []
        var heartbeat: Heartbeat
    }

    let name: String
    let deliveries: FleetDeliveries
    private let notices: FleetNotices
    private let member: FleetMember
    private let read: Reading
    private let state: Mutex<State>

    /// - Parameters:
    ///   - settings: of the engine and this host.
    ///   - heartbeat: what the host reports of itself.
    ///   - outbox: the journal.
    ///   - deliveries: delivers the records of all hosts while this one has the claim for it.
    ///   - notices: takes the member's notices.
    ///   - read: reads the fleet's configuration.
    /// - Throws: `FleetError` if the process has no descriptors left.
    init(
        _ settings: FleetSettings,
        heartbeat: Heartbeat,
        outbox: FleetOutbox,
        deliveries: FleetDeliveries,
        notices: FleetNotices,
        read: @escaping Reading
    ) throws(FleetError) {
        name = settings.host
        self.deliveries = deliveries
        self.notices = notices
        self.read = read
        state = Mutex(State(heartbeat: heartbeat))
        member = try FleetMember(settings, heartbeat: heartbeat, outbox: outbox.connection) { notice in
            if case .deliver(let isOurs) = notice { deliveries.deliver(isOurs) }
            notices.take(notice)
        }
    }

    /// - Throws: `FleetError` if libnats is missing, the settings cannot be used, or there is no thread left.
    func start() throws(FleetError) {
        try deliveries.start(FleetMarks(member))
        try member.start()
    }

    /// Forwards the last records within two seconds, and ends.
    func stop() {
        deliveries.stop()
        member.stop()
    }

    /// Sets what is called after each change of the assignment.
    func onChange(_ notify: @escaping @Sendable () -> Void) { notices.onChange(notify) }

    /// What the fleet assigns to this host.
    var assignment: FleetAssignment { notices.assignment }
    /// What the pipeline follows.
    var followed: FleetAssignment { state.withLock { $0.followed } }
    var status: FleetStatus { member.status }
    var heartbeat: Heartbeat { state.withLock { $0.heartbeat } }

    func follows(_ assignment: FleetAssignment) { state.withLock { $0.followed = assignment } }

    /// The cameras whose windows are full.
    func ready(_ cameras: [String]) { for camera in cameras { member.ready(camera) } }

    /// The host's own streams and those of the fleet that run here.
    func streams(with own: Configuration, _ assignment: FleetAssignment) -> [StreamConfiguration] {
        // The last revision that could be read may have a name that the host's own file has taken since.
        let taken = Set(own.streams.map(\.name))
        let wanted = assignment.cameras.subtracting(taken)
        return own.streams + state.withLock { $0.streams }.filter { wanted.contains($0.name) }
    }

    /// Reads a revision of the fleet's configuration.
    ///
    /// - Returns: the configuration on top of the host's own.
    /// - Throws: the errors of reading it.
    func decode(_ configuration: FleetAssignment.Configuration, on own: Configuration) throws -> Configuration {
        try read(configuration.text, "the fleet's configuration, revision \(configuration.revision)", own)
    }

    /// From now on the host follows this revision.
    func adopt(
        _ streams: [StreamConfiguration],
        _ cameras: [Placement.Camera],
        _ plan: DeliveryPlan,
        revision: UInt64
    ) {
        let heartbeat = state.withLock { state in
            state.streams = streams
            state.heartbeat.revision = revision
            state.heartbeat.isClosed = false
            return state.heartbeat
        }
        deliveries.follow(plan)
        member.replace(cameras: cameras + (plan.isEmpty ? [] : [.deliveries]))
        member.replace(heartbeat: heartbeat)
    }

    /// The host cannot follow the newest revision: it keeps what it has, and takes no further cameras.
    func close() {
        let heartbeat = state.withLock { state in
            state.heartbeat.isClosed = true
            return state.heartbeat
        }
        // One that has just started has nothing that it could watch, and gives back what it had.
        if heartbeat.revision == nil { member.replace(cameras: []) }
        member.replace(heartbeat: heartbeat)
    }
}
