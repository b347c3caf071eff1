internal import CLibAV
internal import Glibc
internal import HTTP

/// What reading a source needs of the system: the files, the ports, the kinds of calls. A process that reads nothing else
/// is confined to it.
package struct SourceReach: Sendable {
    package struct Place: Sendable, Equatable {
        package var path: String
        package var isWritten = false
    }

    /// Files and directories, with everything below them.
    package private(set) var paths: [Place] = []
    /// The TCP ports that it may connect to, or be reached at if it listens.
    package private(set) var ports: [UInt16] = []
    package private(set) var isNetwork = false
    package private(set) var isDevice = false
    /// Whether it waits for the other side to connect.
    package private(set) var listens = false
    private let kind: SourceAddress.Kind

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

    package init(_ options: SourceOptions) {
        let address = SourceAddress(options.url)
        kind = address.kind
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
    package func load() {
        switch kind {
        case .device, .generator: _ = libav_load_devices()
        case .rtsp, .http, .network, .session:
            avformat_network_init()
            HTTPTransfer.setUp()
            Self.loadNameServices()
        case .file, .command, .pipe: break
        }
    }

    /// The C library loads the services that the system looks names up with when it needs them first.
    private static func loadNameServices() {
        guard let file = fopen("/etc/nsswitch.conf", "re") else { return }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 1024)
        while fgets(&buffer, Int32(buffer.count), file) != nil {
            let line = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            guard line.hasPrefix("hosts:") else { continue }
            for word in line.dropFirst("hosts:".count).split(whereSeparator: \.isWhitespace)
            where word.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) {
                _ = dlopen("libnss_\(word).so.2", RTLD_NOW)
            }
        }
    }

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
