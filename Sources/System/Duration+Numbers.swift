extension Duration {
    package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }

    /// Whole milliseconds, rounded towards zero.
    package var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }

    /// Whole nanoseconds, from 0 to a century.
    package var nanoseconds: UInt64 { UInt64(min(max(seconds, 0), 3e9) * 1e9) }

    /// What `poll` takes: milliseconds, rounded up as a time-out must be, 0 for what is over.
    package var pollTimeout: Int32 {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .max : Int32(clamping: milliseconds + attoseconds / 1_000_000_000_000_000 + 1)
    }
}
