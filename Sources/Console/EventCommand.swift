import EventFeed
import Glibc
import System
import Text

/// A command that runs for each event, with the event as one line of JSON on its standard input. Nothing of an event
/// becomes part of the command line.
package struct EventCommand: Sendable {
    /// For `/bin/sh -c`.
    package var command: String
    /// How long it may run. After that it and the processes it started are ended.
    package var timeout: Duration
    /// How many may run at once. While that many run, the feed waits.
    package var jobs: Int

    package init(_ command: String, timeout: Duration = .seconds(60), jobs: Int = 4) {
        self.command = command
        self.timeout = timeout
        self.jobs = jobs
    }
}

/// The current runs of a command. The owner must call `end`.
final class EventCommandRuns {
    private struct Run {
        var group: ProcessGroup
        var name: String
        var deadline: Instant
        var isAskedToEnd = false
    }

    /// How long a run has to end after SIGTERM.
    private static let grace = Duration.seconds(2)
    /// The bytes that a pipe takes without a reader.
    private static let mostBytes = 60_000

    private let command: EventCommand
    private let report: (String) -> Void
    private var runs: [Run] = []

    /// - Parameters:
    ///   - command: to run.
    ///   - report: called with one line for each run that failed.
    init(_ command: EventCommand, report: @escaping (String) -> Void) {
        self.command = command
        self.report = report
    }

    var isFull: Bool { runs.count >= command.jobs }
    var isIdle: Bool { runs.isEmpty }

    /// Starts the command for an event. A failure is reported.
    func start(_ event: FeedMessage.Event, _ line: String) {
        let words = [event.state, event.stream, event.label].compactMap(\.self).joined(separator: " ")
        let name = "\(words) (record \(event.seq ?? 0))".escapingControlCharacters()
        guard line.utf8.count < Self.mostBytes else { return report("\(name): the event is too large for the command") }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            return report("\(name): cannot make a pipe for the command: \(Errno(errno))")
        }
        defer { for end in ends { close(end) } }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let bytes = Array((line + "\n").utf8)
        guard write(ends[1], bytes, bytes.count) == bytes.count else {
            return report("\(name): cannot write the event to a pipe: \(Errno(errno))")
        }
        switch ProcessGroup.start(["/bin/sh", "-c", command.command], descriptors: [STDIN_FILENO: ends[0]]) {
        case .success(let group):
            runs.append(Run(group: group, name: name, deadline: .now + command.timeout))
        case .failure(let error):
            report("\(name): the command cannot be started: \(error)")
        }
    }

    /// Removes the runs that have ended, and ends those that have run too long.
    func look() {
        runs = runs.compactMap { run in
            var run = run
            if let status = run.group.reap() {
                if let trouble = trouble(status, run) { report("\(run.name): \(trouble)") }
                // Processes that it left running have run too long as well.
                if run.isAskedToEnd { run.group.signal(SIGKILL) }
                return nil
            }
            guard Instant.now > run.deadline else { return run }
            run.group.signal(run.isAskedToEnd ? SIGKILL : SIGTERM)
            run.isAskedToEnd = true
            run.deadline = .now + Self.grace
            return run
        }
    }

    /// Ends all runs.
    func end() {
        for run in runs { run.group.signal(SIGTERM) }
        let deadline = Instant.now + Self.grace
        while !isIdle, Instant.now < deadline {
            look()
            if !isIdle { MonotonicTime.sleep(for: .milliseconds(20)) }
        }
        for run in runs {
            run.group.signal(SIGKILL)
            waitpid(run.group.process, nil, 0)
        }
        runs = []
    }

    private func trouble(_ status: Int32, _ run: Run) -> String? {
        if run.isAskedToEnd { return "the command took longer than \(command.timeout.configured) and was ended" }
        return ProcessGroup.trouble(status: status).map { "the command \($0)" }
    }
}
