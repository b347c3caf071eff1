import ArgumentParser
import ConfigurationText
import Foundation
import Settings

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

    static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

/// Standard output is closed.
struct BrokenOutput: Error {}

/// Prints a line on standard output without buffering, in a pipe too.
func printLine(_ line: String) throws { try printText(line + "\n") }

/// Prints a text as it is.
func printText(_ text: String) throws {
    do { try FileHandle.standardOutput.write(contentsOf: Data(text.utf8)) } catch { throw BrokenOutput() }
}
