import EventFeed
package import Fleet
import Foundation
import System
import Text

/// The work of `watchword events`: reads the event socket, or a fleet's feed, and shows its messages as lines or as a live
/// view, or passes them to a command.
package struct EventSession {
    private enum Feed {
        /// The path of a daemon's socket.
        case daemon(String)
        case fleet(FleetSettings)
    }

    private let feed: Feed
    private let filter: EventFilter
    private let complain: (String) -> Void

    /// How often to check for signals.
    private static let look = Duration.milliseconds(250)
    /// The shortest time between two drawings of the live view, and the time between two requests for the status.
    private static let frame = Duration.milliseconds(100)
    private static let statusInterval = Duration.seconds(5)

    /// - Parameters:
    ///   - path: of the socket.
    ///   - filter: what to show.
    ///   - complain: called with one line for what the reader should know beside the events.
    package init(path: String, filter: EventFilter, complain: @escaping (String) -> Void) {
        feed = .daemon(path)
        self.filter = filter
        self.complain = complain
    }

    /// - Parameters:
    ///   - settings: of the fleet whose feed is read.
    ///   - filter: what to show.
    ///   - complain: called with one line for what the reader should know beside the events.
    package init(fleet settings: FleetSettings, filter: EventFilter, complain: @escaping (String) -> Void) {
        feed = .fleet(settings)
        self.filter = filter
        self.complain = complain
    }

    private func follow() throws -> any Following {
        switch feed {
        case .daemon(let path): try EventFollower(path: path, filter: filter)
        case .fleet(let settings): try FleetFollower(settings, filter: filter)
        }
    }

    /// Whether standard output is a terminal that can show the live view.
    package static var canShow: Bool { Terminal.isThere }

    /// Passes on each line until the daemon closes the connection, or for ever if it reconnects.
    ///
    /// - Parameters:
    ///   - json: whether to pass the socket's own lines rather than lines for people.
    ///   - reconnects: whether to go on with the next daemon, after the last record that was received.
    ///   - body: called with each line.
    /// - Throws: `FeedError` if no daemon listens, `OperationError` if it refuses the request or ends, and what `body`
    ///   throws.
    package func printLines(json: Bool, reconnects: Bool, _ body: (String) throws -> Void) throws {
        let follower = try follow()
        // Past records, also those after a reconnection, say all that the snapshot would.
        var skipsSnapshot = !json && filter.since != nil
        while true {
            switch try follower.next(within: .seconds(60)) {
            case .nothing: continue
            case .lost(let reason):
                guard reconnects else { throw OperationError(reason) }
                complain("\(reason) Waiting for it.")
                skipsSnapshot = !json
            case .message(let message, let line):
                if skipsSnapshot, case .snapshot = message { continue }
                let lines = json ? [line] : EventLines.readable(message).map { $0.escapingControlCharacters() }
                for line in lines { try body(line) }
            }
        }
    }

    /// Runs the command for each event until a signal. It then waits for the current runs; a second signal ends them.
    ///
    /// - Throws: as `printLines`.
    /// - Returns: the signal that ended it.
    package func run(_ command: EventCommand) throws -> Int32 {
        Interruption.note(suspension: false)
        let follower = try follow()
        let runs = EventCommandRuns(command, report: complain)
        defer { runs.end() }
        var signal: Int32?
        while true {
            runs.look()
            if let number = Interruption.end {
                if signal != nil || runs.isIdle { return number }
                complain("waiting for the commands that run; the next signal ends them")
                signal = number
                Interruption.forget()
            }
            if let signal, runs.isIdle { return signal }
            guard signal == nil, !runs.isFull else {
                MonotonicTime.sleep(for: .milliseconds(20))
                continue
            }
            switch try follower.next(within: runs.isIdle ? Self.look : .milliseconds(20)) {
            case .message(.event(let event), let line): runs.start(event, line)
            case .message(let message, _):
                if case .gap = message { EventLines.readable(message).forEach(complain) }
            case .lost(let reason): complain("\(reason) Waiting for it.")
            case .nothing: break
            }
        }
    }

    /// Shows the live view of a daemon on the terminal until `q` or a signal; the screen is then as it was before.
    ///
    /// - Throws: as `printLines`; `OperationError` for a fleet, which has no live view.
    /// - Returns: the signal that ended it; nil for `q`.
    package func show() throws -> Int32? {
        guard case .daemon(let path) = feed else { throw OperationError("a fleet's feed has no live view") }
        Interruption.note(suspension: true)
        var live = filter
        live.scores = true
        let follower = try EventFollower(path: path, filter: live, asksForStatus: true)
        let terminal = Terminal()
        var state = LiveState()
        var (drawn, asked) = (Instant.now - .seconds(1), Instant.now)
        terminal.take()
        defer { terminal.release() }
        while true {
            if let number = Interruption.end { return number }
            if terminal.keys.contains(where: { $0 == UInt8(ascii: "q") || $0 == UInt8(ascii: "Q") }) { return nil }
            if Interruption.suspend({ terminal.release() }) { terminal.take() }
            switch try follower.next(within: Self.frame) {
            case .message(let message, _): state.take(message)
            case .lost, .nothing: state.isConnected = follower.isConnected
            }
            if .now - asked > Self.statusInterval {
                follower.askForStatus()
                asked = .now
            }
            guard .now - drawn >= Self.frame else { continue }
            drawn = .now
            let size = terminal.size
            let view = LiveView(
                columns: size.columns,
                rows: size.rows,
                hasColour: Terminal.hasColour,
                hasUnicode: Terminal.hasUnicode,
                now: WallClock.now
            )
            guard terminal.draw(view.lines(of: state)) else { return nil }
        }
    }

    /// Ends this process as the signal would have ended it.
    package static func die(of signal: Int32) -> Never { Interruption.die(of: signal) }
}
