import ArgumentParser
import Foundation
import Text

/// A password typed at the terminal, which does not show it.
enum TerminalPassword {
    /// - Parameters:
    ///   - prompt: what to ask.
    ///   - remedy: what to do without a terminal.
    /// - Throws: `OperationError` without a terminal; `ExitCode` if the user gives up.
    static func read(
        _ prompt: String,
        remedy: String = "put the password into a file, and name it with --password-file"
    ) throws -> String {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0 else { throw OperationError("there is no terminal to ask for the password; \(remedy)") }
        defer { close(terminal) }
        var usual = termios()
        guard tcgetattr(terminal, &usual) == 0 else {
            throw OperationError("the terminal cannot hide a password; \(remedy)")
        }
        // An interruption must not leave the terminal silent: it ends the read, not the program.
        var (interruption, before) = (sigaction(), sigaction())
        interruption.__sigaction_handler.sa_handler = { _ in }
        sigaction(SIGINT, &interruption, &before)
        defer { sigaction(SIGINT, &before, nil) }
        var silent = usual
        silent.c_lflag &= ~tcflag_t(ECHO)
        // What was typed before the question is not the answer.
        tcsetattr(terminal, TCSAFLUSH, &silent)
        defer { tcsetattr(terminal, TCSAFLUSH, &usual) }
        _ = write(terminal, prompt, prompt.utf8.count)
        defer { _ = write(terminal, "\n", 1) }
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < 4096 {
            guard Foundation.read(terminal, &byte, 1) == 1 else { throw ExitCode(130) }
            if byte == UInt8(ascii: "\n") { break }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A password that a file of the command line holds.
enum PasswordFile {
    /// The file's first line, without its end.
    ///
    /// - Throws: `OperationError` if the file cannot be read: it is no configuration.
    static func read(_ path: String) throws(OperationError) -> String {
        do throws(TextFile.Failure) {
            return String(try TextFile.read(path, limit: 4096).prefix { !$0.isNewline })
        } catch {
            throw OperationError("\(path) \(error.message); \(error.remedy)")
        }
    }
}
