package import Events
package import Text

extension ThresholdSweep.Row {
    /// - Parameter seconds: how long the recordings are.
    package func line(seconds: Double) -> JSONLine {
        var line = JSONLine()
        line.add("threshold", threshold)
        line.add("release", release)
        line.add("events", events)
        if let tally { line.add("truth", tally.line(seconds: seconds)) }
        return line
    }
}

extension DetectionTally {
    /// - Parameter seconds: how long the recordings are.
    package func line(seconds: Double) -> JSONLine {
        var line = JSONLine()
        line.add("events", truths)
        line.add("matched", matched)
        line.add("precision", precision)
        line.add("recall", recall)
        line.add("f1", f1)
        line.add("f1_low", f1Interval?.low)
        line.add("f1_high", f1Interval?.high)
        line.add("delay_median", delays.median)
        line.add("false_per_day", falsePerDay(seconds: seconds))
        return line
    }

    /// The interval of `f1`; nil if nothing happened and nothing was emitted.
    package var f1Interval: WilsonInterval? { .ofF1(matched: matched, emitted: emitted, truths: truths) }

    /// - Parameter seconds: how long the recordings are.
    package func falsePerDay(seconds: Double) -> Double? {
        seconds > 0 ? Double(falseEvents) * 86_400 / seconds : nil
    }
}
