import Glibc

/// Whether the system's clock is set by a time source.
package enum ClockSynchronisation {
    private typealias Adjust = @convention(c) (UnsafeMutableRawPointer) -> CInt

    /// `adjtimex`, which Swift's module of the C library leaves out.
    private static let adjust: Adjust? = dlsym(nil, "adjtimex").map { unsafeBitCast($0, to: Adjust.self) }
    /// `sizeof(struct timex)`, with room to spare.
    private static let byteCount = 512
    /// `TIME_ERROR` of <sys/timex.h>: no time daemon (systemd-timesyncd, chrony, ntpd) has set the clock lately.
    private static let timeError: CInt = 5

    /// systemd-timesyncd makes this file once it has set the clock. A service whose unit protects the clock may not ask
    /// the kernel, but may look here.
    private static let sign = "/run/systemd/timesync/synchronized"

    /// What the kernel or systemd-timesyncd reports. False if neither can be asked.
    package static var isVouchedFor: Bool { access(sign, F_OK) == 0 || isSetForTheKernel }

    private static var isSetForTheKernel: Bool {
        guard let adjust else { return false }
        return withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 8) { buffer in
            // All zero, with `modes` among it: a question that changes nothing.
            buffer.initializeMemory(as: UInt8.self, repeating: 0)
            let state = buffer.baseAddress.map(adjust) ?? timeError
            return state >= 0 && state != timeError
        }
    }
}
