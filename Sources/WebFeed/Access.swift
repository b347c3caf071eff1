import Foundation
import System

/// Decides which requests are allowed.
///
/// - The `Host` must be this machine's. A foreign page whose name was made to point here (DNS rebinding) uses its own
///   name.
/// - An `Origin`, and the other fields in which a browser gives the source of a request, must be this server's own.
/// - If there is a token, the request must carry it: as `Authorization: Bearer`, as the password of `Basic`, or as the
///   cookie that this server set. A key in the address opens one stream's newest picture.
struct Access: Sendable {
    static let cookie = "watchword"

    private let token: [UInt8]?
    private let pictureKey: PictureKey?
    private let isLoopback: Bool
    private let names: Set<String>
    /// The further names of the configuration.
    private let listed: Set<String>

    init(_ settings: WebSettings) {
        token = settings.token.map { Array($0.utf8) }
        pictureKey = settings.token.map { PictureKey(token: $0) }
        isLoopback = settings.listen.isLoopback
        listed = Set(settings.hosts.map { $0.lowercased() })
        var names = listed
        names.insert("localhost")
        if !settings.listen.isLoopback, let own = MachineName.current?.lowercased() {
            let short = String(own.prefix { $0 != "." })
            names.formUnion([own, short, "\(short).local"])
        }
        self.names = names
    }

    /// - Throws: `HTTPFault` for a request that may come from another site.
    func checkOrigin(_ head: RequestHead) throws(HTTPFault) {
        let host = head["host"] ?? ""
        guard let name = Self.name(of: host), isOwn(name) else {
            let message = "unknown host name: use the server's address, or list the name in http.hosts"
            throw .forbidden(message, status: 421)
        }
        if let origin = head["origin"]?.lowercased(), !isSame(origin, as: host.lowercased(), head) {
            throw .forbidden("requests from another site's page are forbidden")
        }
        // A link on another site may open the page and nothing else.
        if let site = head["sec-fetch-site"], site == "cross-site" || site == "same-site",
            head["sec-fetch-mode"] != "navigate" || !head.target.path.isEmpty
        {
            throw .forbidden("requests from another site's page are forbidden")
        }
    }

    /// Whether a page of this server sent the request. A proxy may call the server by another name than the browser calls
    /// the proxy: then the browser's own word counts, or a name that is listed.
    private func isSame(_ origin: String, as host: String, _ head: RequestHead) -> Bool {
        if origin == "http://\(host)" || origin == "https://\(host)" || head["sec-fetch-site"] == "same-origin" {
            return true
        }
        let parts = origin.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, ["http:", "https:"].contains(parts[0]), parts[1].isEmpty else { return false }
        return Self.name(of: String(parts[2])).map(listed.contains) ?? false
    }

    func isLetIn(_ head: RequestHead) -> Bool {
        token == nil || hasToken(head)
    }

    /// Whether there is a token and the request carries it. A proxy with a login of its own passes that on, beside the cookie.
    func hasToken(_ head: RequestHead) -> Bool {
        guard token != nil else { return false }
        if let authorization = head["authorization"], holdsToken(authorization) { return true }
        let cookies = (head["cookie"] ?? "").split(separator: ";").map { $0.drop { $0 == " " } }
        return cookies.contains { $0.hasPrefix("\(Self.cookie)=") && isToken($0.dropFirst(Self.cookie.count + 1)) }
    }

    private func holdsToken(_ authorization: String) -> Bool {
        let words = authorization.split(separator: " ", maxSplits: 1)
        guard words.count == 2 else { return false }
        switch words[0].lowercased() {
        case "bearer": return isToken(words[1])
        case "basic": return Self.password(ofBasic: words[1]).map { isToken($0) } ?? false
        default: return false
        }
    }

    /// Whether the request asks for a stream's newest picture with that picture's key.
    func opensPicture(_ head: RequestHead, of stream: String) -> Bool {
        guard let pictureKey, let given = head.target[PictureKey.parameter].first else { return false }
        return Self.isEqual(given, to: Array(pictureKey.key(of: stream).utf8))
    }

    /// Compares in constant time. Only the length shows.
    func isToken(_ text: some StringProtocol) -> Bool {
        token.map { Self.isEqual(text, to: $0) } ?? false
    }

    private static func isEqual(_ text: some StringProtocol, to token: [UInt8]) -> Bool {
        let given = Array(text.utf8)
        var difference = UInt8(given.count == token.count ? 0 : 1)
        for index in token.indices {
            difference |= token[index] ^ (index < given.count ? given[index] : 0)
        }
        return difference == 0
    }

    /// The password of `user:password` in base64; the user does not matter.
    private static func password(ofBasic text: some StringProtocol) -> String? {
        guard let decoded = Data(base64Encoded: String(text)), let pair = String(validating: decoded, as: UTF8.self),
            let colon = pair.firstIndex(of: ":")
        else { return nil }
        return String(pair[pair.index(after: colon)...])
    }

    private func isOwn(_ name: String) -> Bool {
        if names.contains(name) { return true }
        let number = ListenAddress.canonical(name, family: AF_INET) ?? ListenAddress.canonical(name, family: AF_INET6)
        guard let number else { return false }
        // Beyond loopback any address will do: rebinding needs a name.
        return isLoopback ? number.hasPrefix("127.") || number == "::1" : true
    }

    /// The name in `name:port`, in lower case, without the brackets of an IPv6 address; nil for other texts.
    private static func name(of host: String) -> String? {
        let text = host.lowercased()
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]"), isPort(text[text.index(after: end)...]) else { return nil }
            return String(text[text.index(after: text.startIndex)..<end])
        }
        let name = text.prefix { $0 != ":" }
        guard isPort(text[name.endIndex...]) else { return nil }
        // A name that ends with a dot is the same name, spelled out to the root.
        let spelled = name.hasSuffix(".") ? name.dropLast() : name
        return spelled.isEmpty ? nil : String(spelled)
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty || text == ":" || text.first == ":" && UInt16(text.dropFirst()) != nil
    }
}
