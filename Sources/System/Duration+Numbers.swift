extension Duration {
    package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }

    /// Whole milliseconds, rounded towards zero.
    package var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }

    /// Whole nanoseconds, limited to between 0 and 3 · 10⁹ seconds (95 years).
    package var nanoseconds: UInt64 { UInt64(min(max(seconds, 0), 3e9) * 1e9) }

    /// The time-out for `poll`, in milliseconds: rounded up, and 0 for a duration that is not positive.
    package var pollTimeout: Int32 {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .max : Int32(clamping: milliseconds + attoseconds / 1_000_000_000_000_000 + 1)
    }
}
