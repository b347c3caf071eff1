import ArgumentParser
import ConfigurationText
import Foundation
import Settings
import System
import Text

/// Turns errors into exit codes and a line on standard error.
enum Outcome {
    static func exit(with error: any Error) -> Never {
        switch error {
        case let error as ConfigurationError:
            complain(error.description)
            Foundation.exit(78)
        case is BrokenOutput:
            // The reader has closed the pipe: this is not a failure.
            Foundation.exit(0)
        default:
            // ArgumentParser's own errors: help and version are a success, the rest is wrong usage.
            let code = Watchword.exitCode(for: error)
            if code == .success {
                print(Watchword.fullMessage(for: error))
                Foundation.exit(0)
            }
            if code == .validationFailure {
                complain(Watchword.fullMessage(for: error))
                Foundation.exit(2)
            }
            if let exit = error as? ExitCode { Foundation.exit(exit.rawValue) }
            complain("watchword: \(error)")
            Foundation.exit(1)
        }
    }

    static func complain(_ text: String) { write(text.hasSuffix("\n") ? text : text + "\n") }

    /// What standard error does not take is lost. That is no reason to end.
    static func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
}

/// The reader of standard output has gone away.
struct BrokenOutput: Error {}

/// Prints a line on standard output without buffering, in a pipe too.
///
/// - Throws: as `printText`.
func printLine(_ line: String) throws { try printText(line + "\n") }

/// Prints a text as it is.
///
/// - Throws: `BrokenOutput` if the reader has gone away, `OperationError` if the text cannot be written, as on a full disk.
func printText(_ text: String) throws {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let (count, number) = rest.withUnsafeBytes { bytes in
            uninterrupted { write(STDOUT_FILENO, bytes.baseAddress, bytes.count) }
        }
        guard count > 0 else {
            if number == EPIPE { throw BrokenOutput() }
            throw OperationError("cannot write to standard output: \(Errno(number)); what was printed is not complete")
        }
        rest = rest.dropFirst(count)
    }
}
