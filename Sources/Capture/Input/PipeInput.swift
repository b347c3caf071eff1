internal import CLibAV
internal import Glibc
import System
import Text

/// The output of a command, or a named pipe, as bytes for libav. Every wait ends at the deadline or on cancellation.
final class PipeInput {
    private let descriptor: FileDescriptor
    private let interrupt: Interrupt
    private let command: ProcessGroup?
    /// The command's standard error; -1 for a pipe.
    private let complaints: Int32
    private var complaint: [UInt8] = []
    private static let bufferSize = 64 << 10
    private static let look: Int32 = 100
    private static let longestLine = 1000
    /// How long a command has to end after SIGTERM.
    private static let grace = Duration.seconds(2)

    /// Starts a command in a process group of its own, without a shell.
    ///
    /// - Parameters:
    ///   - command: the program and its arguments; quotes and backslashes as in a shell.
    ///   - name: the source's name for messages.
    init(command: String, for name: String, _ interrupt: Interrupt) throws(CaptureError) {
        let words: [String]
        do throws(CommandWords.Failure) {
            words = try CommandWords.split(command)
        } catch {
            throw CaptureError(.failed, "cannot start \(name): \(error.message)")
        }
        let output = try Self.makePipe(name)
        descriptor = FileDescriptor(owning: output.reading)
        let outputEnd = FileDescriptor(owning: output.writing)
        let errors = try Self.makePipe(name)
        complaints = errors.reading
        let errorsEnd = FileDescriptor(owning: errors.writing)
        let silence = FileDescriptor(owning: open("/dev/null", O_RDONLY | O_CLOEXEC))
        let started = ProcessGroup.start(
            words,
            descriptors: [STDIN_FILENO: silence.raw, STDOUT_FILENO: outputEnd.raw, STDERR_FILENO: errorsEnd.raw]
        )
        switch started {
        case .success(let group): self.command = group
        case .failure(let error):
            throw CaptureError(
                error.number == ENOENT ? .notFound : .failed,
                "cannot start \(name): \(error); check the command's path and rights"
            )
        }
        _ = fcntl(errors.reading, F_SETFL, O_NONBLOCK)
        self.interrupt = interrupt
    }

    /// Opens a named pipe, or descriptor 0 for "0".
    init(path: String, for name: String, _ interrupt: Interrupt) throws(CaptureError) {
        // Without O_NONBLOCK opening would wait for a writer, and nothing could end that wait. As long as no writer has come,
        // polling reports nothing.
        let raw = path == "0" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        if raw < 0 { throw .libav(libav_error(errno), "open", name) }
        descriptor = FileDescriptor(owning: raw)
        var status = stat()
        guard fstat(descriptor.raw, &status) == 0, [S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT) else {
            throw CaptureError(.unreadable, "cannot open \(name): it is not a pipe; name a file without pipe:")
        }
        command = nil
        complaints = -1
        self.interrupt = interrupt
    }

    deinit {
        if complaints >= 0 { close(complaints) }
    }

    /// The context that libav reads from. `release` frees it.
    func makeContext(_ name: String) throws(CaptureError) -> UnsafeMutablePointer<AVIOContext> {
        guard let buffer = av_malloc(Self.bufferSize) else { throw .outOfMemory(name) }
        let context = avio_alloc_context(
            buffer.assumingMemoryBound(to: UInt8.self),
            Int32(Self.bufferSize),
            0,
            Unmanaged.passUnretained(self).toOpaque(),
            { opaque, buffer, count in
                guard let opaque, let buffer else { return libav_error(EINVAL) }
                return Unmanaged<PipeInput>.fromOpaque(opaque).takeUnretainedValue().read(buffer, count)
            },
            nil,
            nil
        )
        guard let context else {
            av_free(buffer)
            throw .outOfMemory(name)
        }
        context.pointee.seekable = 0
        return context
    }

    /// Frees the context and ends the command.
    func release(_ context: inout UnsafeMutablePointer<AVIOContext>?) {
        if let context { av_freep(&context.pointee.buffer) }
        let wasOpen = context != nil
        avio_context_free(&context)
        if wasOpen { command?.end(grace: Self.grace) }
    }

    private func read(_ buffer: UnsafeMutablePointer<UInt8>, _ count: Int32) -> Int32 {
        while true {
            if interrupt.isCancelled || interrupt.hasExpired { return LIBAV_EXIT }
            var polls = [pollfd(fd: descriptor.raw, events: Int16(POLLIN), revents: 0)]
            if complaints >= 0 { polls.append(pollfd(fd: complaints, events: Int16(POLLIN), revents: 0)) }
            let ready = poll(&polls, nfds_t(polls.count), Self.look)
            if ready < 0, errno != EINTR { return libav_error(errno) }
            if polls.count > 1, polls[1].revents != 0 { forwardComplaints() }
            guard ready > 0, polls[0].revents != 0 else { continue }
            let (got, error) = uninterrupted { Glibc.read(descriptor.raw, buffer, Int(count)) }
            if got > 0 { return Int32(got) }
            if got < 0, error == EAGAIN { continue }
            if got < 0 { return libav_error(error) }
            forwardComplaints()
            return LIBAV_EOF
        }
    }

    /// Writes what the command says on its standard error to the log, line by line.
    private func forwardComplaints() {
        guard complaints >= 0 else { return }
        var chunk = [UInt8](repeating: 0, count: 4096)
        while case let got = Glibc.read(complaints, &chunk, chunk.count), got > 0 {
            for byte in chunk[..<got] {
                guard byte == UInt8(ascii: "\n") || complaint.count >= Self.longestLine else {
                    complaint.append(byte)
                    continue
                }
                let line = String(decoding: complaint, as: UTF8.self)
                complaint.removeAll(keepingCapacity: true)
                guard !line.isEmpty else { continue }
                LibAVLog.write(.debug, line)
            }
        }
    }

    private static func makePipe(_ name: String) throws(CaptureError) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .libav(libav_error(errno), "open a pipe for", name) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}
