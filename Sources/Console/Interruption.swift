import Glibc
import Synchronization

/// The signals that end or suspend a command, for its loop to check between two waits.
enum Interruption {
    private static let ending = Atomic<Int32>(0)
    private static let suspending = Atomic<Bool>(false)

    /// Records SIGINT, SIGTERM and SIGHUP instead of obeying them. Those that this process was started to ignore, as nohup
    /// does, stay ignored.
    ///
    /// - Parameter suspension: whether to record SIGTSTP too, so that the screen can be released first.
    static func note(suspension: Bool) {
        // Initialised here: the handler must not take the lock of a first use.
        _ = (ending.load(ordering: .relaxed), suspending.load(ordering: .relaxed))
        for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) {
            signal(number) { Interruption.ending.store($0, ordering: .relaxed) }
        }
        if suspension { signal(SIGTSTP) { _ in Interruption.suspending.store(true, ordering: .relaxed) } }
        // These signals only end a wait.
        signal(SIGWINCH) { _ in }
        signal(SIGCHLD) { _ in }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        let handlers = (action.__sigaction_handler.sa_handler, SIG_IGN)
        return unsafeBitCast(handlers.0, to: Int.self) == unsafeBitCast(handlers.1, to: Int.self)
    }

    /// The signal that requests the end; nil if none came.
    static var end: Int32? {
        let number = ending.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// Forgets the signal, so that the next one shows.
    static func forget() { ending.store(0, ordering: .relaxed) }

    /// Suspends this process if that was requested.
    ///
    /// - Parameter before: called before the process is suspended.
    /// - Returns: true once it continues; false if no suspension was requested.
    static func suspend(_ before: () -> Void) -> Bool {
        guard suspending.exchange(false, ordering: .relaxed) else { return false }
        before()
        raise(SIGSTOP)
        return true
    }

    /// Ends the process as the signal would have, so that the shell that started it sees why.
    static func die(of number: Int32) -> Never {
        signal(number, SIG_DFL)
        raise(number)
        exit(128 + number)
    }
}
