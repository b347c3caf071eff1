extension LearnedThreshold {
    /// Learns what it would have learned while these scores were made: events open and close as they would have by the
    /// threshold of their time.
    ///
    /// - Parameter stretches: decisions without a pause; the stream was not watched between two stretches, so that events end
    ///   with theirs. Times are on one clock that does not go back.
    package mutating func learn(
        _ stretches: some Sequence<some Sequence<(time: Duration, score: Double)>>
    ) {
        var machine = LabelEventMachine(rules: rules)
        for stretch in stretches {
            machine.interrupt()
            interrupt()
            var end: Duration?
            for (time, score) in stretch {
                machine.observe(score: score, at: time) { _ in }
                if observe(score: score, isOpen: machine.isOpen, at: time) { machine.replaceRules(rules) }
                end = time
            }
            guard let end else { continue }
            _ = machine.end(.sourceLost, at: end)
            endEvent()
        }
        restart()
    }
}
