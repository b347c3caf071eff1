import Foundation
import Synchronization
import System
import TestSupport
import Testing

/// A program that runs beside the test, its output in files. Whoever starts it kills it: `with` does.
final class ChildProcess {
    enum Ending: Equatable {
        case exit(Int32)
        case signal(Int32)
    }

    let processID: pid_t
    private let outputPath: String
    private let errorsPath: String
    private let watch: Watch
    private let watching: NamedThread

    /// - Parameters:
    ///   - environment: beside the test's own; a nil value takes a variable away.
    ///   - passed: descriptors that the program gets, as 3 and so on.
    ///   - name: of the files in `directory` that take its output.
    init(
        _ program: String,
        _ arguments: [String],
        environment: [String: String?] = [:],
        passing passed: [Int32] = [],
        in directory: TemporaryDirectory,
        name: String
    ) throws {
        outputPath = directory("\(name).stdout")
        errorsPath = directory("\(name).stderr")
        var all = ProcessInfo.processInfo.environment
        // For those that wait themselves: Tests/Reference and Tests/Browser.
        all["TEST_PATIENCE"] = "\(patience.components.seconds)"
        for (name, value) in environment { all[name] = value }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errorsPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // First out of the way of the numbers they are to get.
        let copies = passed.map { fcntl($0, F_DUPFD_CLOEXEC, 100) }
        defer { for copy in copies { close(copy) } }
        for (index, copy) in copies.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, copy, 3 + Int32(index))
        }
        // Descriptors of other tests, which run at the same time, stay theirs. Closing one that is gone is no error.
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            if let descriptor = Int32(name), descriptor > 2 + Int32(passed.count) {
                posix_spawn_file_actions_addclose(&actions, descriptor)
            }
        }

        // The threads that tests run on hold signals back, and a child would begin so too: deaf to SIGTERM.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        var processID: pid_t = 0
        let status = try Self.withCStrings([program] + arguments) { arguments in
            try Self.withCStrings(all.map { "\($0)=\($1)" }) { environment in
                posix_spawn(&processID, program, &actions, &attributes, arguments, environment)
            }
        }
        try #require(status == 0, "cannot start \(program): \(String(cString: strerror(status)))")
        self.processID = processID
        let watch = Watch(processID)
        self.watch = watch
        watching = try NamedThread.start("child") { watch.run() }.get()
    }

    deinit { watching.detach() }

    /// Runs `body` beside the program and kills it afterwards, whatever happens.
    static func with<Result>(
        _ program: String,
        _ arguments: [String],
        environment: [String: String?] = [:],
        passing passed: [Int32] = [],
        in directory: TemporaryDirectory,
        name: String,
        _ body: (ChildProcess) async throws -> Result
    ) async throws -> Result {
        let child = try ChildProcess(
            program,
            arguments,
            environment: environment,
            passing: passed,
            in: directory,
            name: name
        )
        defer { child.kill() }
        return try await body(child)
    }

    var output: String { Self.contents(outputPath) }
    var errors: String { Self.contents(errorsPath) }

    var ending: Ending? { watch.ending }
    var hasEnded: Bool { ending != nil }

    func send(_ signal: Int32) { watch.send(signal) }

    /// Ends it at once, as a power cut would, and waits for that.
    func kill() {
        watch.send(SIGKILL)
        watch.wait()
    }

    /// Waits for its end.
    func finish() async throws -> Ending {
        try await eventually("the end of process \(processID)", context: { errors }) { ending }
    }

    private static func contents(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    private static func withCStrings<Result>(
        _ strings: [String],
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) throws -> Result
    ) throws -> Result {
        var pointers = strings.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return try pointers.withUnsafeMutableBufferPointer { try body(try #require($0.baseAddress)) }
    }
}

extension ChildProcess {
    /// Collects the process as soon as it ends.
    ///
    /// swift-testing's thread for exit tests asks in a loop for any child that has ended, and leaves those of others: one
    /// that waits until a test looks keeps a core busy.
    private final class Watch: Sendable {
        private let process: pid_t
        private let state = Mutex<Ending?>(nil)
        private let end = DispatchSemaphore(value: 0)

        init(_ process: pid_t) { self.process = process }

        var ending: Ending? { state.withLock(\.self) }

        func run() {
            var information = siginfo_t()
            // It stays there, and its number its own, until nobody can send it a signal any more.
            while waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
            state.withLock { state in
                var status: Int32 = 0
                // What cannot be collected would count as a success.
                precondition(waitpid(process, &status, 0) == process, "process \(process) cannot be collected")
                state = status & 0x7F == 0 ? .exit((status >> 8) & 0xFF) : .signal(status & 0x7F)
            }
            end.signal()
        }

        func send(_ signal: Int32) {
            state.withLock { if $0 == nil { Glibc.kill(process, signal) } }
        }

        func wait() {
            end.wait()
            end.signal()
        }
    }
}
