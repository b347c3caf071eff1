internal import CLibAV
internal import Glibc
import HTTP

/// What the libraries that read a source load at their first use. A confined process cannot load it then.
package enum SourceLibraries {
    /// Loads it now.
    package static func load(for address: SourceAddress) {
        switch address.kind {
        case .device, .generator: _ = libav_load_devices()
        case .rtsp, .http, .network, .session:
            avformat_network_init()
            HTTPTransfer.setUp()
            loadNameServices()
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
}
