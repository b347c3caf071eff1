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
        var process: pid_t
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
            return report("\(name): cannot make a pipe for the command: \(Self.reason(errno))")
        }
        defer { for end in ends { close(end) } }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let bytes = Array((line + "\n").utf8)
        guard write(ends[1], bytes, bytes.count) == bytes.count else {
            return report("\(name): cannot write the event to a pipe: \(Self.reason(errno))")
        }
        switch spawn(reading: ends[0]) {
        case .success(let process):
            runs.append(Run(process: process, name: name, deadline: .now + command.timeout))
        case .failure(let error):
            report("\(name): the command cannot be started: \(Self.reason(error.number))")
        }
    }

    /// Removes the runs that have ended, and ends those that have run too long.
    func look() {
        runs = runs.compactMap { run in
            var (run, status) = (run, Int32(0))
            let reaped = waitpid(run.process, &status, WNOHANG)
            if reaped == run.process {
                if let trouble = trouble(status, run) { report("\(run.name): \(trouble)") }
                // Processes that it left running have run too long as well.
                if run.isAskedToEnd { kill(-run.process, SIGKILL) }
                return nil
            }
            guard Instant.now > run.deadline else { return run }
            kill(-run.process, run.isAskedToEnd ? SIGKILL : SIGTERM)
            run.isAskedToEnd = true
            run.deadline = .now + Self.grace
            return run
        }
    }

    /// Ends all runs.
    func end() {
        for run in runs { kill(-run.process, SIGTERM) }
        let deadline = Instant.now + Self.grace
        while !isIdle, Instant.now < deadline {
            look()
            if !isIdle { MonotonicTime.sleep(for: .milliseconds(20)) }
        }
        for run in runs {
            kill(-run.process, SIGKILL)
            waitpid(run.process, nil, 0)
        }
        runs = []
    }

    private func trouble(_ status: Int32, _ run: Run) -> String? {
        if run.isAskedToEnd { return "the command took longer than \(command.timeout.configured) and was ended" }
        let (signal, code) = (status & 0x7F, (status >> 8) & 0xFF)
        if signal != 0 { return "the command ended by signal \(signal)" }
        return code == 0 ? nil : "the command ended with exit status \(code)"
    }

    private struct SpawnError: Error { var number: Int32 }

    /// Starts the command in a process group of its own, with the default handling of signals.
    private func spawn(reading input: Int32) -> Result<pid_t, SpawnError> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, defaults) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGPIPE)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))
        let words = ["/bin/sh", "-c", command.command]
        let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        let result = posix_spawn(&process, "/bin/sh", &actions, &attributes, arguments, environ)
        return result == 0 ? .success(process) : .failure(SpawnError(number: result))
    }

    private static func reason(_ number: Int32) -> String { "\(Errno(number))" }
}
