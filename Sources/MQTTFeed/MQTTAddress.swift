/// The address of a broker, and whether it uses TLS.
package struct MQTTAddress: Sendable, Equatable, CustomStringConvertible {
    /// A name, or an address without brackets.
    package var host: String
    package var port: UInt16
    package var isTLS: Bool

    /// Reads `mqtt://host[:port]` and `mqtts://host[:port]`; nil for anything else. Ports are 1883 and 8883 unless
    /// given, an IPv6 address is in brackets, and a user or a path is refused.
    package init?(_ url: String) {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        switch url[..<scheme.lowerBound] {
        case "mqtt": isTLS = false
        case "mqtts": isTLS = true
        default: return nil
        }
        var rest = url[scheme.upperBound...]
        if rest.hasSuffix("/") { rest.removeLast() }
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(after: end)...]
            guard host.utf8.allSatisfy({ $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") || Self.isHex($0) })
            else { return nil }
        } else {
            host = String(rest.prefix { $0 != ":" })
            rest = rest.dropFirst(host.count)
            guard host.utf8.allSatisfy(Self.isInName) else { return nil }
        }
        guard !host.isEmpty else { return nil }
        port = isTLS ? 8883 : 1883
        if rest.hasPrefix(":") {
            guard let given = UInt16(rest.dropFirst()), given > 0 else { return nil }
            port = given
        } else if !rest.isEmpty {
            return nil
        }
    }

    /// As `host:port`.
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private static func isHex(_ byte: UInt8) -> Bool {
        Character(Unicode.Scalar(byte)).hexDigitValue != nil
    }

    private static func isInName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
