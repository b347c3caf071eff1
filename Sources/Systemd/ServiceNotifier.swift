import CSystemd
import Foundation
import System
import Text

/// Reports the service's state to systemd. Without systemd ($NOTIFY_SOCKET) no call does anything.
package struct ServiceNotifier: Sendable {
    private let redact: @Sendable (String) -> String

    /// - Parameter redact: removes credentials from the status line.
    package init(redact: @escaping @Sendable (String) -> String = { Redaction().redact($0) }) {
        self.redact = redact
    }

    /// The service is up: the event socket listens, whether cameras answer or not. Also ends a `reloading`.
    package func ready(status: String) {
        notify("READY=1\n\(line(status: status))")
    }

    /// One line for `systemctl status`.
    package func status(_ text: String) {
        notify(line(status: text))
    }

    /// A reload begins; `ready` ends it.
    package func reloading() {
        let microseconds = MonotonicTime.now / .microseconds(1)
        notify("RELOADING=1\nMONOTONIC_USEC=\(Int64(microseconds))")
    }

    package func stopping() {
        notify("STOPPING=1")
    }

    /// Feeds the watchdog. To be called on real progress only, more often than `watchdogInterval`.
    package func watchdog() {
        notify("WATCHDOG=1")
    }

    /// How long systemd waits for `watchdog()` before it kills the service; nil if it does not watch.
    package var watchdogInterval: Duration? {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds))
    }

    private func line(status: String) -> String {
        "STATUS=" + redact(status).escapingControlCharacters()
    }

    /// Failures are ignored: systemd is gone or was never there.
    private func notify(_ state: String) {
        _ = sd_notify(0, state)
    }
}
