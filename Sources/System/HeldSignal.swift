import Glibc

/// A signal that arrives before anybody handles it, and would end the process.
package enum HeldSignal {
    /// Holds `number` back until somebody reads it through a descriptor, as libdispatch's sources do.
    ///
    /// Threads that the calling one starts inherit that. Those that libraries started before, as OpenBLAS does, hold the
    /// signal back when it comes to them first: they pass it on to the process, where it waits.
    package static func hold(_ number: Int32) {
        signal(number) { number in
            HeldSignal.block(number)
            kill(getpid(), number)
        }
        block(number)
    }

    /// Called by signal handlers too: calls nothing that may not be called there.
    private static func block(_ number: Int32) {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, number)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }
}
