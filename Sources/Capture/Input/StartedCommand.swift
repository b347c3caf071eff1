internal import CLibAV
import Glibc
package import System
import Text

/// A command whose output is a source's stream.
package struct StartedCommand: Sendable {
    /// How long a command has to end after SIGTERM.
    package static let grace = Duration.seconds(2)

    package let group: ProcessGroup
    /// The caller owns them.
    package let ends: SourceOptions.PipeEnds

    /// Starts a command in a process group of its own, without a shell.
    ///
    /// - Parameters:
    ///   - command: the program and its arguments; quotes and backslashes as in a shell.
    ///   - name: the source's name for messages.
    package init(_ command: String, for name: String) throws(CaptureError) {
        let words: [String]
        do throws(CommandWords.Failure) {
            words = try CommandWords.split(command)
        } catch {
            throw CaptureError(.failed, "cannot start \(name): \(error.message)")
        }
        let output = try Self.makePipe(name)
        let outputEnd = FileDescriptor(owning: output.writing)
        let errors: (reading: Int32, writing: Int32)
        do throws(CaptureError) {
            errors = try Self.makePipe(name)
        } catch {
            close(output.reading)
            throw error
        }
        let errorsEnd = FileDescriptor(owning: errors.writing)
        let silence = FileDescriptor(owning: open("/dev/null", O_RDONLY | O_CLOEXEC))
        let started = ProcessGroup.start(
            words,
            descriptors: [STDIN_FILENO: silence.raw, STDOUT_FILENO: outputEnd.raw, STDERR_FILENO: errorsEnd.raw]
        )
        switch started {
        case .success(let group):
            self.group = group
            ends = SourceOptions.PipeEnds(output: output.reading, complaints: errors.reading)
        case .failure(let error):
            close(output.reading)
            close(errors.reading)
            throw CaptureError(
                error.number == ENOENT ? .notFound : .failed,
                "cannot start \(name): \(error); check the command's path and rights"
            )
        }
    }

    /// The command of a source that is one; nil for any other.
    package static func command(of url: String) -> String? {
        let address = SourceAddress(url)
        return address.kind == .command ? address.target : nil
    }

    private static func makePipe(_ name: String) throws(CaptureError) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .libav(libav_error(errno), "open a pipe for", name) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}
