import Foundation

/// The terminal as a screen of its own. The previous contents come back however the program ends.
final class Terminal {
    private var before: termios?
    private var isTaken = false

    /// Whether standard output is a terminal that can show a screen.
    static var isThere: Bool {
        let name = ProcessInfo.processInfo.environment["TERM"] ?? ""
        return isatty(STDOUT_FILENO) == 1 && !name.isEmpty && name != "dumb"
    }

    /// Whether to use colours, by https://no-color.org.
    static var hasColour: Bool { ProcessInfo.processInfo.environment["NO_COLOR"]?.isEmpty ?? true }

    /// Whether the locale is UTF-8.
    static var hasUnicode: Bool {
        let environment = ProcessInfo.processInfo.environment
        let names = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }
        let locale = names.first { !$0.isEmpty }?.lowercased() ?? ""
        return locale.contains("utf-8") || locale.contains("utf8")
    }

    /// Columns and rows; 80 by 24 if the terminal does not report them.
    var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Takes the alternate screen, hides the cursor and turns off the echo of keys.
    func take() {
        guard !isTaken else { return }
        isTaken = true
        var settings = termios()
        if tcgetattr(STDIN_FILENO, &settings) == 0 {
            before = settings
            settings.c_lflag &= ~tcflag_t(ECHO | ICANON)
            tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        }
        write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J")
    }

    /// Restores the terminal.
    func release() {
        guard isTaken else { return }
        isTaken = false
        write("\u{1B}[?25h\u{1B}[?1049l")
        if var before { tcsetattr(STDIN_FILENO, TCSANOW, &before) }
    }

    /// Draws over the previous lines, in one write, so that nothing flickers on a slow connection.
    ///
    /// - Returns: false if the terminal is gone.
    func draw(_ lines: [String]) -> Bool {
        let text = lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n")
        return write("\u{1B}[H" + text + "\u{1B}[J")
    }

    /// The keys that were pressed since the last call.
    var keys: [UInt8] {
        guard before != nil else { return [] }
        var entry = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, 0) > 0, Int32(entry.revents) & POLLIN != 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(STDIN_FILENO, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, count)))
    }

    deinit { release() }

    @discardableResult
    private func write(_ text: String) -> Bool {
        (try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))) != nil
    }
}
