/// The levels that held for a while, as the start of an event needs.
package enum HeldLeads {
    /// At each decision the highest level at which an event would begin there: the lowest value of the stretch that must hold
    /// it. Decisions too close to the end for that have none.
    ///
    /// - Parameters:
    ///   - trace: times and values, in time order.
    ///   - minDuration: how long a value must hold.
    /// - Returns: the time at which each stretch is complete, and its lowest value.
    package static func of(
        _ trace: [(time: Duration, value: Double)],
        for minDuration: Duration
    ) -> [(start: Duration, complete: Duration, value: Double)] {
        var held: [(start: Duration, complete: Duration, value: Double)] = []
        var end = 0
        // Indices of values that may yet be the lowest of a stretch, the values rising.
        var lowest: [Int] = []
        var head = 0
        for start in trace.indices {
            while end < trace.count, end <= start || trace[end - 1].time - trace[start].time < minDuration {
                while lowest.count > head, let last = lowest.last, trace[last].value >= trace[end].value {
                    lowest.removeLast()
                }
                lowest.append(end)
                end += 1
            }
            guard trace[end - 1].time - trace[start].time >= minDuration else { break }
            while head < lowest.count, lowest[head] < start { head += 1 }
            held.append((trace[start].time, trace[end - 1].time, trace[lowest[head]].value))
        }
        return held
    }
}
