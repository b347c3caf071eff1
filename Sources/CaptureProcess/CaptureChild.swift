import Capture
import Glibc
import Synchronization
import System

/// A capture process as the daemon sees it: it reads one connection of one source, and ends.
///
/// It is killed when nothing refers to it any more: a process never outlives the stream that it belongs to.
final class CaptureChild: ClipSource {
    let socket: MessageSocket
    let memory: PictureMemory
    let process: pid_t
    /// Its standard error.
    let complaints: FileDescriptor
    private let group: ProcessGroup
    /// How it ended, once that is known.
    private let status = Mutex<Int32?>(nil)

    /// How long a clip may take to be written.
    private static let clipPatience = Duration.seconds(20)

    /// Starts the process.
    ///
    /// - Throws: the error number if it cannot be started.
    init(_ program: CaptureProgram, inputBytes: Int, newestWidest: Int) throws(Errno) {
        let pair = try MessageSocket.pair()
        let theirs = FileDescriptor(owning: pair.theirs)
        memory = try PictureMemory(inputBytes: inputBytes, newestWidest: newestWidest)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .last }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        complaints = FileDescriptor(owning: ends[0])
        let errors = FileDescriptor(owning: ends[1])
        let silence = FileDescriptor(owning: open("/dev/null", O_RDWR | O_CLOEXEC))
        let started = CaptureSpawner.shared.start(
            ["watchword", CaptureProgram.verb],
            file: program.path,
            environment: CaptureProgram.environment,
            descriptors: [
                CaptureService.socket: theirs.raw, STDOUT_FILENO: silence.raw, STDERR_FILENO: errors.raw,
            ]
        )
        socket = pair.ours
        group = try started.get()
        process = group.process
    }

    /// Sends a request. It never waits: a process that does not read what it is sent hangs.
    ///
    /// - Returns: false if it could not be sent.
    @discardableResult
    func send(_ request: CaptureRequest, descriptors: [Int32] = []) -> Bool {
        socket.send(request.bytes, descriptors: descriptors, waits: false)
    }

    /// How the process ended, in words; nil while it runs.
    var ending: String? {
        let status = status.withLock { status in
            if status == nil { status = group.reap() }
            return status
        }
        guard let status else { return nil }
        let signal = status & 0x7F
        if signal == 0 { return "ended with exit status \((status >> 8) & 0xFF)" }
        return "was ended by \(Self.name(ofSignal: signal))"
    }

    /// Waits until the process has ended, for at most `limit`.
    func wait(_ limit: Duration) {
        let deadline = Instant.now + limit
        while ending == nil, Instant.now < deadline { MonotonicTime.sleep(for: .milliseconds(2)) }
    }

    /// Ends the process at once.
    func kill() {
        status.withLock { status in
            guard status == nil else { return }
            group.signal(SIGKILL)
            var ended: Int32 = 0
            if waitpid(process, &ended, 0) == process { status = ended }
        }
    }

    deinit { kill() }

    private static func name(ofSignal number: Int32) -> String {
        let names: [Int32: String] = [
            SIGSEGV: "SIGSEGV", SIGABRT: "SIGABRT", SIGILL: "SIGILL", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE",
            SIGKILL: "SIGKILL", SIGTERM: "SIGTERM", SIGTRAP: "SIGTRAP", SIGSYS: "SIGSYS", SIGXFSZ: "SIGXFSZ",
            SIGXCPU: "SIGXCPU",
        ]
        return names[number] ?? "signal \(number)"
    }

    // MARK: - Clips

    /// Has the process cut a clip. It writes into the file that it is given, and answers over a pipe of its own, so that the
    /// thread that reads pictures has no part in it.
    func writeClip(
        from start: Duration,
        to end: Duration,
        into file: Int32,
        place: String
    ) throws(CaptureError) -> Bool {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw CaptureError(.resources, "cannot write \(place): \(Errno.last)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let answer = FileDescriptor(owning: ends[0])
        do {
            let question = FileDescriptor(owning: ends[1])
            guard send(.clip(from: start, to: end), descriptors: [file, question.raw]) else { return false }
        }
        var bytes: [UInt8] = []
        let deadline = Instant.now + Self.clipPatience
        var chunk = [UInt8](repeating: 0, count: 1024)
        while bytes.count < 8192 {
            var entry = pollfd(fd: answer.raw, events: Int16(POLLIN), revents: 0)
            let left = deadline - Instant.now
            guard left > .zero, poll(&entry, 1, left.pollTimeout) >= 0 || errno == EINTR else {
                throw CaptureError(.timedOut, "cannot write \(place): its capture process does not answer")
            }
            guard entry.revents != 0 else { continue }
            let got = read(answer.raw, &chunk, chunk.count)
            if got < 0, errno == EINTR { continue }
            if got <= 0 { break }
            bytes += chunk[..<got]
        }
        // The answer's first byte says what follows; without one the process is gone, and its packets with it.
        switch ClipAnswer(bytes) {
        case .written: return true
        case .nothingKept: return false
        case .failed(let reason): throw CaptureError(.failed, "cannot write \(place): \(reason)")
        }
    }
}

/// What a capture process answers when it was asked for a clip.
enum ClipAnswer {
    case written
    /// Or the process has ended.
    case nothingKept
    case failed(String)

    init(_ bytes: [UInt8]) {
        switch bytes.first {
        case UInt8(ascii: "+"): self = .written
        case UInt8(ascii: "!"): self = .failed(String(decoding: bytes.dropFirst(), as: UTF8.self))
        default: self = .nothingKept
        }
    }

    var bytes: [UInt8] {
        switch self {
        case .written: [UInt8(ascii: "+")]
        case .nothingKept: [UInt8(ascii: "-")]
        case .failed(let reason): [UInt8(ascii: "!")] + reason.utf8.prefix(4096)
        }
    }
}
