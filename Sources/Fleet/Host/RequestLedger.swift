/// The requests whose answers are awaited, each under a number that its reply subject ends with.
struct RequestLedger<Kind> {
    private static var patience: Duration { .seconds(3) }

    private var last: UInt64 = 0
    private var waiting: [UInt64: (kind: Kind, deadline: Duration)] = [:]

    mutating func add(_ kind: Kind, at now: Duration) -> UInt64 {
        last += 1
        waiting[last] = (kind, now + Self.patience)
        return last
    }

    /// The request that the answer is for; nil if it is no longer awaited.
    mutating func take(_ number: UInt64) -> Kind? { waiting.removeValue(forKey: number)?.kind }

    /// The requests that were not answered in time.
    mutating func expire(at now: Duration) -> [Kind] {
        guard waiting.values.contains(where: { $0.deadline <= now }) else { return [] }
        let late = waiting.filter { $0.value.deadline <= now }
        for number in late.keys { waiting[number] = nil }
        return late.values.map(\.kind)
    }

    mutating func clear() { waiting = [:] }
}
