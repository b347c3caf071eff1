import Capture
import Glibc
import HTTP

/// What reading a source needs of the system: the files, the ports, the kinds of calls. A process that reads nothing else
/// is confined to it.
struct SourceReach {
    struct Place: Equatable {
        var path: String
        var isWritten = false
    }

    /// Files and directories, with everything below them.
    private(set) var paths: [Place] = []
    /// The TCP ports that it may connect to, or be reached at if it listens.
    private(set) var ports: [UInt16] = []
    private(set) var isNetwork = false
    private(set) var isDevice = false
    /// Whether it waits for the other side to connect.
    private(set) var listens = false
    private let address: SourceAddress

    /// What every source needs.
    private static let common = ["/dev/null", "/dev/urandom", "/etc/localtime", "/sys/devices/system/cpu"]
    /// What looking up a name needs.
    private static let names = [
        "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf", "/etc/services",
        "/run/systemd/resolve",
    ]
    /// What verifying a server needs.
    private static let certificates = [
        "/etc/ssl/certs", "/etc/ssl/cert.pem", "/etc/ssl/openssl.cnf", "/usr/lib/ssl", "/usr/share/ca-certificates",
        "/usr/local/share/ca-certificates", "/etc/pki", "/etc/ca-certificates", "/etc/gnutls",
    ]

    init(_ options: SourceOptions) {
        address = SourceAddress(options.url)
        paths = Self.common.map { Place(path: $0) }
        let path = address.target.removing(prefix: "file:") ?? address.target
        switch address.kind {
        case .file: paths.append(Place(path: Self.namesFurtherFiles(path) ? Self.directory(of: path) : path))
        case .session:
            paths.append(Place(path: path))
            isNetwork = true
        case .pipe: paths.append(Place(path: path))
        case .command: break
        case .device:
            paths.append(Place(path: path, isWritten: true))
            isDevice = true
        // A filter graph is the owner's own, and may read fonts, tables and films.
        case .generator: paths.append(Place(path: "/"))
        case .rtsp, .http, .network: isNetwork = true
        }
        guard isNetwork else { return }
        paths += (Self.names + Self.certificates).map { Place(path: $0) }
        paths += [options.tls.authorities, Self.variable("SSL_CERT_FILE"), Self.variable("SSL_CERT_DIR")]
            .compactMap { $0.map { Place(path: $0) } }
        ports = [53] + (address.kind == .http ? [80, 443] : [])
        ports += ([address.target] + ["http_proxy", "https_proxy"].compactMap(Self.variable)).compactMap(Self.port)
        let words = ["listen=1", "listen=2", "?listen"]
        listens = address.kind == .network && words.contains(where: address.target.contains)
    }

    /// Loads what the libraries would load at their first use.
    func load() { SourceLibraries.load(for: address) }

    /// Whether the file names others to read, or stands for several.
    private static func namesFurtherFiles(_ path: String) -> Bool {
        let lower = path.lowercased()
        return [".m3u8", ".mpd", ".ffconcat", ".concat"].contains(where: lower.hasSuffix) || path.contains("%")
            || path.contains("*")
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func port(of url: String) -> UInt16? {
        ServerAddress(url)?.host.split(separator: ":").last.flatMap { UInt16($0) }
    }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
