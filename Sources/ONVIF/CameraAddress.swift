import Text

/// Where a camera's device service answers, with the login: `onvif://USER:PASSWORD@HOST[:PORT][/PATH]`, or what discovery
/// found. Printing it shows no password.
package struct CameraAddress: Sendable, Equatable {
    /// The path that ONVIF prescribes for the device service.
    private static let usualPath = "/onvif/device_service"

    /// As a URL spells it: an IPv6 address is in brackets, with its zone if it needs one.
    package private(set) var host: String
    private(set) var port: UInt16
    private(set) var path: String
    private(set) var isSecure: Bool
    package var login: CameraLogin?

    /// Whether a URL names a camera instead of a stream.
    package static func isCamera(_ url: String) -> Bool {
        url.utf8.prefix(6).map { $0 | 0x20 }.elementsEqual("onvif:".utf8)
    }

    /// Nil unless the text is a complete `onvif://` URL. User and password are percent-encoded there.
    package init?(_ url: String) {
        guard Self.isCamera(url), let parts = URLParts(url), parts.query == nil else { return nil }
        // A password with a slash that is not percent-encoded.
        guard !parts.path.contains("@") else { return nil }
        self.init(parts, isSecure: parts.port == 443)
        switch (parts.user, parts.password) {
        case (nil, _): login = nil
        case (let user?, let password):
            guard let user = user.percentDecoded(), let password = (password ?? "").percentDecoded() else { return nil }
            login = CameraLogin(user: user, password: password)
        }
    }

    /// The device service's `http` or `https` address, without a login; nil for others.
    init?(service url: String) {
        guard let parts = URLParts(url), ["http", "https"].contains(parts.scheme) else { return nil }
        self.init(parts, isSecure: parts.scheme == "https")
    }

    private init(_ parts: URLParts, isSecure: Bool) {
        host = parts.host
        port = parts.port ?? (isSecure ? 443 : 80)
        path = parts.path == "" || parts.path == "/" ? Self.usualPath : parts.path.uriSafe()
        self.isSecure = isSecure
    }

    /// The same service at another host.
    func at(host: String) -> CameraAddress {
        var address = self
        address.host = host
        return address
    }

    /// Host and port, for messages.
    package var place: String { port == 80 ? host : "\(host):\(port)" }

    private var root: String { "\(isSecure ? "https" : "http")://\(host):\(port)" }

    /// The `onvif://` URL without a login, as short as it can be.
    var url: String { "onvif://\(place)\(path == Self.usualPath ? "" : path)" }

    /// The device service.
    var service: String { root + path }

    /// Another service of the same device, where the device says that it is. Devices behind address translation, in containers
    /// or with several addresses name hosts that are not theirs from here, and an answer must not send the login elsewhere:
    /// the host is always the one that was asked.
    func service(at url: String) -> String? {
        guard let parts = URLParts(url), ["http", "https"].contains(parts.scheme) else { return nil }
        let path = (parts.path.isEmpty ? "/" : parts.path).uriSafe() + (parts.query.map { "?" + $0.uriSafe() } ?? "")
        guard parts.host.lowercased() == host.lowercased() else { return root + path }
        let port = parts.port ?? (parts.scheme == "https" ? 443 : 80)
        return "\(parts.scheme)://\(host):\(port)\(path)"
    }
}

/// The user of a camera. It describes itself without its password.
package struct CameraLogin: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    package let user: String
    package let password: String

    package init(user: String, password: String) {
        self.user = user
        self.password = password
    }

    package var description: String { "\(user):\(Redaction.stand)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
