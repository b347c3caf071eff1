import Foundation
import Testing

@testable import Console

/// What the signals of a command do, each in a process of its own.
@Suite struct InterruptionTests {
    @Test func aSignalIsRecorded() async {
        await #expect(processExitsWith: .success) {
            signal(SIGHUP, SIG_DFL)
            Interruption.note(suspension: false)
            // The thread of an exit test may hold signals back.
            var all = sigset_t()
            sigfillset(&all)
            pthread_sigmask(SIG_UNBLOCK, &all, nil)
            raise(SIGHUP)
            exit(Interruption.end == SIGHUP ? 0 : 1)
        }
    }

    /// Under nohup, a command for each event goes on when the terminal closes.
    @Test func aSignalThatIsIgnoredStaysIgnored() async {
        await #expect(processExitsWith: .success) {
            signal(SIGHUP, SIG_IGN)
            Interruption.note(suspension: false)
            var all = sigset_t()
            sigfillset(&all)
            pthread_sigmask(SIG_UNBLOCK, &all, nil)
            raise(SIGHUP)
            exit(Interruption.end == nil ? 0 : 1)
        }
    }
}
