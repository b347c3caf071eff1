import Foundation

/// A program that the storm runs, and kills.
final class Child {
    let name: String
    private let arguments: [String]
    /// The file that takes what it prints.
    let output: String
    private(set) var pid: pid_t = 0

    init(_ name: String, _ arguments: [String], output: String) throws {
        self.name = name
        self.arguments = arguments
        self.output = output
        try start()
    }

    deinit { kill() }

    /// Starts it, anew after a `kill`. It dies with the storm.
    ///
    /// - Parameter launcher: a program and its arguments that run it; none if it runs by itself.
    func start(by launcher: [String] = []) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // setpriv ends the child with its parent, however that ends.
        let words = ["/usr/bin/setpriv", "--pdeathsig", "KILL"] + launcher + arguments
        var pointers = words.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        guard posix_spawn(&pid, words[0], &actions, nil, &pointers, environ) == 0 else {
            throw LoadError("cannot start \(name)")
        }
    }

    func signal(_ number: Int32) { Foundation.kill(pid, number) }

    func kill() {
        guard pid > 0 else { return }
        Foundation.kill(pid, SIGKILL)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        pid = 0
    }

    /// Whether it has ended without a `kill`.
    var hasEnded: Bool {
        var info = siginfo_t()
        return pid > 0 && waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_signo == SIGCHLD
    }

    /// Megabytes in memory of its own, and the seconds of processor so far of its threads but the first, which are the
    /// fleet's.
    var cost: (megabytes: Double, seconds: Double) {
        var megabytes = 0.0
        for line in LineFile.lines("/proc/\(pid)/status") where line.hasPrefix("RssAnon:") {
            megabytes = (Double(line.split(whereSeparator: \.isWhitespace)[1]) ?? 0) / 1024
        }
        var ticks = 0.0
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        for thread in threads where thread != "\(pid)" {
            // The name in brackets may hold spaces.
            let line = LineFile.lines("/proc/\(pid)/task/\(thread)/stat").first ?? ""
            let words = line[(line.lastIndex(of: ")") ?? line.startIndex)...].split(separator: " ")
            if words.count > 13 { ticks += (Double(words[12]) ?? 0) + (Double(words[13]) ?? 0) }
        }
        return (megabytes, ticks / 100)
    }
}
