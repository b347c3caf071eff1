import CIsolation
import Capture
import Glibc
import System

/// What a capture process may still do: read its one source, and talk to the daemon over the sockets that it was given.
struct Confinement {
    /// Bytes of memory of its own: decoders of the largest pictures that cameras have need a few hundred million.
    private static let memory: UInt64 = 1 << 30
    /// A source has a handful, and the process itself a dozen.
    private static let files: UInt64 = 64
    /// A clip.
    private static let fileBytes: UInt64 = 1 << 28

    /// What comes first, before anything is read: the process ends with the daemon, and its memory is closed to others.
    static func begin() -> Bool {
        isolation_close_from(3)
        preferDeath()
        return isolation_begin() == 0
    }

    /// Where memory runs out, the kernel ends a capture process, and not the daemon with all streams.
    private static func preferDeath() {
        let file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = write(file, "500", 3)
        close(file)
    }

    private var inForce = ["no new privileges"]
    private var missing: [String] = []

    /// Confines the process for this source, but for its ports.
    ///
    /// - Parameter asks: whether a camera is asked for the source's address before its ports are confined.
    init(for options: SourceOptions, asks: Bool) {
        let reach = SourceReach(options)
        // What the libraries load on first use is loaded now: afterwards no memory becomes code.
        reach.load()
        note("limits", isolation_limit(Self.memory, Self.files, Self.fileBytes))
        if isolation_landlock_version() == 0 {
            missing.append("files (there is no Landlock here)")
        } else {
            note("files", Self.confineFiles(to: reach))
        }
        // Later calls could not be made.
        if !asks { confinePorts(for: options) }
        note("system calls", isolation_filter(Self.needs(reach, asks: asks)))
    }

    /// Confines the process to the ports of this source.
    mutating func confinePorts(for options: SourceOptions) {
        guard isolation_landlock_version() >= 4 else {
            return missing.append("ports (this kernel has no such Landlock)")
        }
        let reach = SourceReach(options)
        note("ports", isolation_landlock_ports(reach.ports, reach.ports.count, reach.listens))
    }

    /// What is in force, in words; what is missing, and why.
    var text: String {
        let words = inForce.joined(separator: ", ")
        return missing.isEmpty ? words : "\(words); without \(missing.joined(separator: ", "))"
    }

    private mutating func note(_ name: String, _ error: Int32) {
        if error == 0 { inForce.append(name) } else { missing.append("\(name) (\(Errno(error)))") }
    }

    private static func needs(_ reach: SourceReach, asks: Bool) -> Int32 {
        var needs = asks ? ISOLATION_ASKING : 0
        if reach.isNetwork { needs |= ISOLATION_NETWORK }
        if reach.isDevice { needs |= ISOLATION_DEVICE }
        if reach.listens { needs |= ISOLATION_LISTENING }
        return Int32(needs)
    }

    private static func confineFiles(to reach: SourceReach) -> Int32 {
        let texts = reach.paths.map { strdup($0.path) }
        defer { for text in texts { free(text) } }
        let paths = zip(texts, reach.paths).compactMap { text, place in
            text.map { isolation_path(path: UnsafePointer($0), writes: place.isWritten) }
        }
        return isolation_landlock_files(paths, paths.count)
    }
}
