import Text

/// What came of a storm.
struct StormReport {
    var seed: UInt64
    var scenarios: [Scenario]
    /// From the beginning of each scenario that takes a host's cameras away to the claim of each camera, in seconds.
    var claims: [(scenario: Scenario, times: [Double])] = []
    /// From the moment when a host can act again to the end of its second watch, in seconds.
    var secondWatches: [Double] = []
    var records = 0
    var late = 0
    var faults: [Fault] = []

    /// A way in which the feed differs from what the hosts recorded, or the storm from its course.
    struct Fault {
        enum Kind: String, CaseIterable { case missing, doubled, disordered, other }

        var kind: Kind
        var text: String
    }

    var line: JSONLine {
        var line = JSONLine()
        line.add("seed", seed)
        line.add("scenarios", scenarios.map(\.rawValue))
        line.add(
            "claims",
            claims.map { scenario, times in
                var line = JSONLine()
                line.add("scenario", scenario.rawValue)
                line.add("seconds", times)
                return line
            }
        )
        line.add("second_watches", secondWatches)
        line.add("records", records)
        line.add("late", late)
        for kind in Fault.Kind.allCases { line.add(kind.rawValue, faults.count { $0.kind == kind }) }
        return line
    }
}
