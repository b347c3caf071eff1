import Glibc

/// A signal that arrives before anybody handles it, and would end the process.
package enum HeldSignal {
    /// Holds `signal` back from this thread and from all that it starts. It waits for whoever reads signals through a
    /// descriptor, as libdispatch's sources do. To be called before the first other thread starts.
    package static func hold(_ signal: Int32) {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, signal)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }
}
