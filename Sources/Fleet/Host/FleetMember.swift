import Dispatch
import Synchronization
import System

/// This host in the fleet, on a thread of its own: reports that it lives, claims cameras, and brings the journal's records
/// into the common stream. Neither the recogniser nor the local feed ever waits for it.
package final class FleetMember: Sendable {
    /// What the host brings with it.
    package struct Outbox: Sendable {
        /// Names the numbering of the records.
        package var feedID: String
        /// The records after a number, `most` or fewer. Called on the fleet's thread.
        package var records: @Sendable (_ number: UInt64, _ most: Int) -> OutboxPage
        /// The descriptor that is readable when there are more; nil for none. Called on the fleet's thread.
        package var pollable: @Sendable () -> Int32?
        /// Every record up to this number is in the stream. Called on the fleet's thread.
        package var settled: @Sendable (_ number: UInt64) -> Void
        /// The record after which the host begins.
        package var start: UInt64

        package init(
            feedID: String,
            startingAfter start: UInt64,
            records: @escaping @Sendable (_ number: UInt64, _ most: Int) -> OutboxPage,
            pollable: @escaping @Sendable () -> Int32? = { nil },
            settled: @escaping @Sendable (_ number: UInt64) -> Void
        ) {
            self.feedID = feedID
            self.start = start
            self.records = records
            self.pollable = pollable
            self.settled = settled
        }
    }

    /// What the owner of the cameras and the operator are to know.
    package enum Notice: Sendable, Equatable {
        case connected
        /// The fleet's configuration, and its revision.
        case configuration(text: String, revision: UInt64)
        /// The operator has this host give up its cameras, or has it take part again.
        case draining(Bool)
        /// The engine cannot be reached, or refuses something. Retried for ever; reported once while the reason stays.
        case trouble(String)
        /// Open the camera and fill its window, then call `ready`.
        case prepare(camera: String, from: String)
        case abandon(camera: String)
        /// Watch the camera, whose records have this epoch from now on.
        case start(camera: String, epoch: UInt64, reason: ClaimsKeeper.Reason)
        case stop(camera: String, owner: String?)
        /// A record went to the late ones, because another host had the camera.
        case late(camera: String)
        /// An event that a lost host left open was ended.
        case ended(camera: String, event: String)
        /// The servers refuse a record for ever. A line in the feed takes its place.
        case refused(camera: String, reason: String)
        /// From now on this host delivers the records for the fleet, or no longer does.
        case deliver(Bool)
        /// Another process reports under this host's name.
        case sameName
    }

    enum Command: Sendable {
        case ready(String)
        case replace([Placement.Camera])
        case heartbeat(Heartbeat)
        case mark(FleetMark?, of: String)
    }

    let settings: FleetSettings
    let outbox: Outbox
    let report: @Sendable (Notice) -> Void
    let wakeUp: WakeUp
    let firstHeartbeat: Heartbeat
    private let commands = Mutex<[Command]>([])
    private let shared = Mutex(FleetStatus())
    private let thread = Mutex<NamedThread?>(nil)
    private let ended = DispatchSemaphore(value: 0)

    /// How long a stop waits for the thread, which servers that do not answer, or a look-up of their names, may hold
    /// up.
    private static let farewell = DispatchTimeInterval.seconds(5)

    /// - Parameters:
    ///   - settings: of the engine and this host.
    ///   - heartbeat: what the host reports of itself.
    ///   - outbox: its records.
    ///   - report: called with news, on the fleet's thread.
    /// - Throws: `FleetError` if the process has no descriptors left.
    package init(
        _ settings: FleetSettings,
        heartbeat: Heartbeat,
        outbox: Outbox,
        report: @escaping @Sendable (Notice) -> Void
    ) throws(FleetError) {
        self.settings = settings
        self.outbox = outbox
        self.report = report
        firstHeartbeat = heartbeat
        do throws(Errno) { wakeUp = try WakeUp() } catch { throw FleetError("the fleet cannot be joined: \(error)") }
    }

    /// Connects and starts the thread, which tries again if no server answers; call it once.
    ///
    /// - Throws: `FleetError` if libnats is missing, the settings cannot be used, or there is no thread left.
    package func start() throws(FleetError) {
        let connection = try EngineConnection(settings, wakeUp: wakeUp)
        let started = NamedThread.start("fleet") { [self] in
            var loop = MemberLoop(member: self, connection: connection)
            loop.run()
            ended.signal()
        }
        guard case .success(let running) = started else {
            throw FleetError("the system has no threads left for the fleet")
        }
        thread.withLock { $0 = running }
    }

    /// The journal has new records.
    package func recordsArrived() { wakeUp.signal() }
    /// A prepared camera's window is full.
    package func ready(_ camera: String) { add(.ready(camera)) }
    /// Sets what the fleet watches.
    package func replace(cameras: [Placement.Camera]) { add(.replace(cameras)) }
    /// Sets what the host reports of itself.
    package func replace(heartbeat: Heartbeat) { add(.heartbeat(heartbeat)) }

    /// Keeps how far a receiver has the records, while this host delivers them; nil for a receiver that there is no more.
    package func keep(_ mark: FleetMark?, of receiver: String) { add(.mark(mark, of: receiver)) }

    package var status: FleetStatus { shared.withLock(\.self) }

    /// Forwards what is there within two seconds, and ends. The claims stay: other hosts take them after their patience.
    package func stop() {
        wakeUp.requestStop()
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let running else { return }
        if ended.wait(timeout: .now() + Self.farewell) == .success { running.join() } else { running.detach() }
    }

    func takeCommands() -> [Command] {
        commands.withLock { commands in
            guard !commands.isEmpty else { return [] }
            defer { commands = [] }
            return commands
        }
    }

    func set(_ status: FleetStatus) { shared.withLock { $0 = status } }

    private func add(_ command: Command) {
        commands.withLock { $0.append(command) }
        wakeUp.signal()
    }
}
