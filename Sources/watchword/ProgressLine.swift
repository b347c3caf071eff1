import Foundation

/// Shows the progress of long work on a terminal; prints nothing in a pipe.
struct ProgressLine {
    private let isShown = isatty(STDERR_FILENO) == 1
    private var shown = ""

    mutating func show(_ text: String) {
        guard isShown, text != shown else { return }
        shown = text
        Outcome.write("\r\(text)\u{1B}[K")
    }

    mutating func clear() {
        if isShown && !shown.isEmpty { Outcome.write("\r\u{1B}[K") }
        shown = ""
    }
}

/// Runs a body whose first argument shows progress and whose second prints warnings.
func withBar<Result>(
    _ bar: inout ProgressLine,
    _ body: ((String) -> Void, (String) -> Void) throws -> Result
) rethrows -> Result {
    var shown = bar
    defer { bar = shown }
    return try body({ shown.show($0) }) { warning in
        shown.clear()
        Outcome.complain("watchword: warning: \(warning)")
    }
}
