/// Where this program keeps what it can make again.
package enum CacheDirectory {
    /// The service's cache or state directory from systemd, else the program's in the user's cache. Nil if neither is known.
    package static func path(_ environment: [String: String]) -> String? {
        let given = ["CACHE_DIRECTORY", "STATE_DIRECTORY"].lazy
            .compactMap { environment[$0]?.split(separator: ":").first.map(String.init) }.first
        if let given { return given }
        if let caches = environment["XDG_CACHE_HOME"], caches.hasPrefix("/") { return caches + "/watchword" }
        return environment["HOME"].map { $0 + "/.cache/watchword" }
    }
}
