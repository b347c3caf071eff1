extension Duration {
    /// What `poll` takes: milliseconds, rounded up as a time-out must be, 0 for what is over.
    var pollTimeout: Int32 {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .max : Int32(clamping: milliseconds + attoseconds / 1_000_000_000_000_000 + 1)
    }
}
