internal import CLibAV
internal import Glibc
import System
import Text

/// The output of a command, or a named pipe, as bytes for libav. Every wait ends at the deadline or on cancellation.
final class PipeInput: ByteReader {
    private let descriptor: FileDescriptor
    private let interrupt: Interrupt
    private let command: ProcessGroup?
    /// The command's standard error; -1 for a pipe, and once nobody writes there any more.
    private var complaints: Int32
    private var complaint = LineSplitter(limit: 1000)
    private static let look: Int32 = 100

    /// Starts a command in a process group of its own, without a shell.
    ///
    /// - Parameters:
    ///   - command: the program and its arguments; quotes and backslashes as in a shell.
    ///   - name: the source's name for messages.
    init(command: String, for name: String, _ interrupt: Interrupt) throws(CaptureError) {
        let started = try StartedCommand(command, for: name)
        descriptor = FileDescriptor(owning: started.ends.output)
        complaints = started.ends.complaints ?? -1
        if complaints >= 0 { _ = fcntl(complaints, F_SETFL, O_NONBLOCK) }
        self.command = started.group
        self.interrupt = interrupt
    }

    /// Reads what another process has opened.
    init(_ ends: SourceOptions.PipeEnds, _ interrupt: Interrupt) {
        descriptor = FileDescriptor(owning: ends.output)
        complaints = ends.complaints ?? -1
        if complaints >= 0 { _ = fcntl(complaints, F_SETFL, O_NONBLOCK) }
        command = nil
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

    /// Ends the command.
    override func release(_ context: inout UnsafeMutablePointer<AVIOContext>?) {
        let wasOpen = context != nil
        super.release(&context)
        if wasOpen { command?.end(grace: StartedCommand.grace) }
    }

    override func read(_ buffer: UnsafeMutablePointer<UInt8>, _ count: Int32) -> Int32 {
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
        while true {
            let got = Glibc.read(complaints, &chunk, chunk.count)
            if got == 0 {
                // Left open, it would always be ready, and no wait would be one.
                close(complaints)
                complaints = -1
            }
            guard got > 0 else { return }
            for line in complaint.take(chunk[..<got]) { LibAVLog.receive(.debug, line) }
        }
    }
}
