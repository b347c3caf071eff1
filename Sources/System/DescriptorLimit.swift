import Glibc

/// How many descriptors this process may have open, and how many of them are kept for its own work.
package enum DescriptorLimit {
    /// Beyond this no process here needs any; some libraries count up to the limit.
    private static let most = 16_384
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

    package static var current: Int {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return most }
        return limit.rlim_cur > rlim_t(most) ? most : Int(limit.rlim_cur)
    }

    /// Raises the limit as far as the system allows, up to `most`. Shells and systemd start programs with 1024.
    package static func raise() {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < rlim_t(most) else { return }
        limit.rlim_cur = min(limit.rlim_max, rlim_t(most))
        setrlimit(resource, &limit)
    }

    /// Whether a client may keep the descriptor that it was just given. A quarter of the table, 256 at most, is kept for
    /// cameras, the journal and the runtime: clients must not take what they need.
    ///
    /// The system gives out the lowest number that is free, so the number tells how full the table is.
    package static func leavesReserve(_ raw: Int32) -> Bool {
        let limit = current
        return Int(raw) < limit - min(256, limit / 4)
    }
}
