import CIsolation
import Capture
import Glibc
import System

/// What a capture process may still do: read its one source, and talk to the daemon over the sockets that it was given.
enum Confinement {
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

    /// Confines the process for this source.
    ///
    /// - Returns: what is in force, in words; what is missing, and why.
    static func confine(for options: SourceOptions) -> String {
        let reach = SourceReach(options)
        // What the libraries load on first use is loaded now: afterwards no memory becomes code.
        reach.load()
        var (inForce, missing) = (["no new privileges"], [String]())
        let limited = isolation_limit(memory, files, fileBytes)
        if limited == 0 { inForce.append("limits") } else { missing.append("limits (\(Errno(limited)))") }
        let version = isolation_landlock_version()
        if version == 0 {
            missing.append("files and ports (there is no Landlock here)")
        } else {
            let error = restrict(reach)
            if error == 0 {
                inForce.append("files")
                if version >= 4 {
                    inForce.append("ports")
                } else {
                    missing.append("ports (this kernel has no such Landlock)")
                }
            } else {
                missing.append("files and ports (\(Errno(error)))")
            }
        }
        let filtered = isolation_filter(needs(reach))
        if filtered == 0 { inForce.append("system calls") } else { missing.append("system calls (\(Errno(filtered)))") }
        let words = inForce.joined(separator: ", ")
        return missing.isEmpty ? words : "\(words); without \(missing.joined(separator: ", "))"
    }

    private static func needs(_ reach: SourceReach) -> Int32 {
        var needs = 0
        if reach.isNetwork { needs |= ISOLATION_NETWORK }
        if reach.isDevice { needs |= ISOLATION_DEVICE }
        if reach.listens { needs |= ISOLATION_LISTENING }
        return Int32(needs)
    }

    private static func restrict(_ reach: SourceReach) -> Int32 {
        let texts = reach.paths.map { strdup($0.path) }
        defer { for text in texts { free(text) } }
        let paths = zip(texts, reach.paths).compactMap { text, place in
            text.map { isolation_path(path: UnsafePointer($0), writes: place.isWritten) }
        }
        return isolation_landlock(paths, paths.count, reach.ports, reach.ports.count, reach.listens)
    }
}
