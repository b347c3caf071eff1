import Glibc
import Synchronization

/// Signals as the loop of a command finds them between two waits: what ends it, what suspends it.
enum Interruption {
    private static let ending = Atomic<Int32>(0)
    private static let suspending = Atomic<Bool>(false)

    /// Has SIGINT, SIGTERM, SIGHUP and, for a screen that must be given back first, SIGTSTP noted rather than obeyed.
    static func note(suspension: Bool) {
        // Made here, not in the handler, which must not take the lock of a first use.
        _ = (ending.load(ordering: .relaxed), suspending.load(ordering: .relaxed))
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { Interruption.ending.store($0, ordering: .relaxed) }
        }
        if suspension { signal(SIGTSTP) { _ in Interruption.suspending.store(true, ordering: .relaxed) } }
        // They only end a wait.
        signal(SIGWINCH) { _ in }
        signal(SIGCHLD) { _ in }
    }

    /// The signal that asks for the end; nil where none came.
    static var end: Int32? {
        let number = ending.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// Forgets it, so that the next one is seen.
    static func forget() { ending.store(0, ordering: .relaxed) }

    /// Stops this process if that was asked for; gives true once it goes on.
    static func suspend(_ before: () -> Void) -> Bool {
        guard suspending.exchange(false, ordering: .relaxed) else { return false }
        before()
        raise(SIGSTOP)
        return true
    }

    /// Ends as the signal would have ended it, so that the shell that started it sees why.
    static func die(of number: Int32) -> Never {
        signal(number, SIG_DFL)
        raise(number)
        exit(128 + number)
    }
}
