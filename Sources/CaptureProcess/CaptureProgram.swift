import Glibc

/// The program that reads sources: this one, under another verb that no help shows.
package struct CaptureProgram: Sendable, Equatable {
    /// The verb.
    package static let verb = "capture-source"

    let path: String

    /// - Parameter path: of the program. By default the one that runs, even if its file has been replaced meanwhile.
    package init(path: String = "/proc/self/exe") { self.path = path }

    /// What a capture process gets of the environment: what its libraries go by, and no secret. Of the daemon's variables a
    /// configuration may take passwords.
    static var environment: [String: String] {
        let kept = [
            "PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "LD_PRELOAD", "http_proxy", "https_proxy", "no_proxy",
            "SSL_CERT_FILE", "SSL_CERT_DIR",
        ]
        var environment = [
            // Two heaps for all threads, and no dump of memory after a crash.
            "MALLOC_ARENA_MAX": "2", "SWIFT_BACKTRACE": "enable=no",
        ]
        for name in kept {
            if let value = getenv(name) { environment[name] = String(cString: value) }
        }
        return environment
    }
}
