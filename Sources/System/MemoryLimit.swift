import Glibc

/// How much memory this process may have.
package enum MemoryLimit {
    /// The smallest of the machine's memory and the limits of the control groups, in bytes, and what it is called; nil if
    /// the kernel tells none.
    package static var smallest: (bytes: Int, name: String)? {
        let groups = groupLimits.min().map { ($0, "the limit of its control group (MemoryMax=)") }
        let machine = total.map { ($0, "the machine's memory") }
        return [groups, machine].compactMap(\.self).min { $0.0 < $1.0 }
    }

    /// Whether `bytes` more can be mapped. What they would cost is not touched.
    package static func permitsMapping(_ bytes: Int) -> Bool {
        let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let memory, memory != MAP_FAILED else { return false }
        munmap(memory, bytes)
        return true
    }

    private static var total: Int? {
        let text = (try? RegularFile.contents(of: "/proc/meminfo", limit: 1 << 16)).map {
            String(decoding: $0, as: UTF8.self)
        }
        let line = text?.split(separator: "\n").first { $0.hasPrefix("MemTotal:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
    }

    /// Of the process's group and those around it.
    private static var groupLimits: [Int] {
        ControlGroup.texts("memory.max").compactMap { Int($0.prefix(while: \.isNumber)) }
    }
}
