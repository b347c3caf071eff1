package import Glibc

/// A program in a process group of its own, with the default handling of signals.
package struct ProcessGroup: Sendable {
    /// The process that was started, and its group.
    package let process: pid_t

    /// Starts a program. Of the caller's open files it gets only those named here, because all others are closed on exec.
    ///
    /// - Parameters:
    ///   - words: the program and its arguments. A program without a slash is looked for in PATH.
    ///   - file: the program's file, if the first word is only its name.
    ///   - environment: the program's variables; nil for the caller's.
    ///   - descriptors: the caller's descriptors by the number that they get in the program.
    /// - Returns: the error number if it cannot be started.
    package static func start(
        _ words: [String],
        file: String? = nil,
        environment: [String: String]? = nil,
        descriptors: [Int32: Int32]
    ) -> Result<ProcessGroup, Errno> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, descriptor) in descriptors {
            posix_spawn_file_actions_adddup2(&actions, descriptor, number)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, defaults) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGPIPE)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP)
        )
        guard let program = file ?? words.first else { return .failure(Errno(ENOENT)) }
        let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        let own: [UnsafeMutablePointer<CChar>?]? = environment.map { $0.map { strdup("\($0)=\($1)") } + [nil] }
        defer { for variable in own ?? [] { free(variable) } }
        var process: pid_t = 0
        let result =
            if let own {
                posix_spawnp(&process, program, &actions, &attributes, arguments, own)
            } else {
                posix_spawnp(&process, program, &actions, &attributes, arguments, environ)
            }
        return result == 0 ? .success(ProcessGroup(process: process)) : .failure(Errno(result))
    }

    package func signal(_ number: Int32) { kill(-process, number) }

    /// Collects the process if it has ended.
    ///
    /// - Returns: its wait status; nil while it runs.
    package func reap() -> Int32? {
        var status: Int32 = 0
        return waitpid(process, &status, WNOHANG) == process ? status : nil
    }

    /// Ends the whole group: asks it to, and kills it after `grace`. Waits until the process has ended.
    package func end(grace: Duration) {
        signal(SIGTERM)
        let deadline = Instant.now + grace
        while reap() == nil {
            guard Instant.now < deadline else {
                signal(SIGKILL)
                waitpid(process, nil, 0)
                break
            }
            MonotonicTime.sleep(for: .milliseconds(10))
        }
        // What it started and left behind.
        signal(SIGKILL)
    }

    /// How a process ended, in words; nil if it succeeded.
    package static func trouble(status: Int32) -> String? {
        let (signal, code) = (status & 0x7F, (status >> 8) & 0xFF)
        if signal != 0 { return "ended by signal \(signal)" }
        return code == 0 ? nil : "ended with exit status \(code)"
    }
}
