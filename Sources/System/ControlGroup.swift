/// The control groups (cgroup v2) that this process is in.
enum ControlGroup {
    /// What the process's group and those around it have in the file `name`, without those that lack it: the root does.
    static func texts(_ name: String) -> [String] {
        let entry = text("/proc/self/cgroup")?.split(separator: "\n").first { $0.hasPrefix("0::") }
        guard var path = entry?.dropFirst(3) else { return [] }
        var texts: [String] = []
        while true {
            if let text = text("/sys/fs/cgroup\(path)/\(name)") { texts.append(text) }
            guard let slash = path.lastIndex(of: "/"), path.count > 1 else { return texts }
            path = slash == path.startIndex ? "/" : path[..<slash]
        }
    }

    private static func text(_ path: String) -> String? {
        (try? RegularFile.contents(of: path, limit: 1 << 16)).map { String(decoding: $0, as: UTF8.self) }
    }
}
