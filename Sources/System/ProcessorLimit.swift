/// How many processors this process may use.
package enum ProcessorLimit {
    /// The fewest that its affinity (`CPUAffinity=`, `AllowedCPUs=`, `taskset`) or the time of a control group (`CPUQuota=`)
    /// leaves the calling thread; part of one counts as one. Nil if neither can be read.
    package static var smallest: Int? {
        let status = try? RegularFile.contents(of: "/proc/thread-self/status", limit: 1 << 16)
        let affinity = status.flatMap { processors(status: String(decoding: $0, as: UTF8.self)) }
        return ([affinity] + ControlGroup.texts("cpu.max").map { processors(quota: $0) }).compactMap(\.self).min()
    }

    /// - Parameter status: the lines of a thread's `status`. One has the processors as bits, such as `ff,ffffffff`.
    static func processors(status: String) -> Int? {
        let name = "Cpus_allowed:"
        let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
        let count = line?.dropFirst(name.count).reduce(0) { $0 + ($1.hexDigitValue ?? 0).nonzeroBitCount }
        return count == 0 ? nil : count
    }

    /// - Parameter line: of `cpu.max`, such as `150000 100000`: the time that all processors together may work in each
    ///   period, or `max`.
    static func processors(quota line: String) -> Int? {
        let times = line.split(whereSeparator: \.isWhitespace).map { Int($0) }
        guard times.count == 2, let quota = times[0], let period = times[1], quota > 0, period > 0 else { return nil }
        return quota / period + (quota % period > 0 ? 1 : 0)
    }
}
