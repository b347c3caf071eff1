import Text

/// A device that answered a search.
package struct FoundDevice: Sendable, Equatable {
    let endpoint: EndpointReference
    package let types: [String]
    package let scopes: [String]
    /// The addresses that the device announces.
    package let announced: [String]
    /// The device service, at the address that the device answered from.
    package let address: CameraAddress

    /// The identity that the device announces.
    package var endpointText: String { endpoint.text }

    /// The most devices of one message, and the most addresses and scopes of one device.
    private static let limit = 64

    /// The devices of a `ProbeMatches` or `Hello` message; none if it is another message.
    ///
    /// - Parameter sender: the host that the message came from, as a URL spells it.
    static func devices(in message: [UInt8], from sender: String) -> [FoundDevice] {
        guard let root = try? XMLElement(parsing: message), root.name == "Envelope", let body = root.child("Body")
        else {
            return []
        }
        let matches = body.child("ProbeMatches")?.children("ProbeMatch") ?? body.children("Hello")
        return matches.prefix(limit).compactMap { FoundDevice($0, from: sender) }
    }

    private init?(_ match: XMLElement, from sender: String) {
        func words(_ name: String) -> [String] {
            (match.child(name)?.text ?? "").split(whereSeparator: \.isWhitespace).prefix(Self.limit).map {
                String($0.prefix(1024))
            }
        }
        (types, scopes, announced) = (words("Types"), words("Scopes"), words("XAddrs"))
        let isCamera =
            types.contains { $0.split(separator: ":").last == "NetworkVideoTransmitter" }
            || scopes.contains { $0.hasPrefix(Self.scopeRoot) }
        guard isCamera else { return nil }
        let identity = match.element("EndpointReference", "Address")?.text ?? ""
        guard let endpoint = EndpointReference(identity) ?? EndpointReference(sender) else { return nil }
        self.endpoint = endpoint
        // The login goes to the device that answered. A host that it announces may be another: see CameraAddress.service(at:).
        let addresses = announced.compactMap { CameraAddress(service: $0) }
        let own = addresses.first { $0.host.lowercased() == sender.lowercased() } ?? addresses.first
        guard let address = own ?? CameraAddress(service: "http://\(sender)") else { return nil }
        self.address = address.at(host: sender)
    }

    /// Whether the device announces a service at this host and port.
    func isAt(host: String, port: UInt16) -> Bool {
        ([address] + announced.compactMap { CameraAddress(service: $0) }).contains {
            $0.host == host && $0.port == port
        }
    }

    var isIPv6: Bool { address.host.hasPrefix("[") }

    private static let scopeRoot = "onvif://www.onvif.org/"

    /// The first scope of a category, in plain text.
    private func scope(_ category: String) -> String? {
        let prefix = Self.scopeRoot + category + "/"
        let values = scopes.filter { $0.lowercased().hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        guard let value = values.first(where: { !$0.isEmpty }) else { return nil }
        return (value.percentDecoded() ?? value).escapingControlCharacters()
    }

    package var name: String? { scope("name") }
    package var hardware: String? { scope("hardware") }
    package var location: String? { scope("location") }

    /// For people, without repeating the hardware in the name.
    package var title: String {
        switch (name, hardware) {
        case (let name?, let hardware?):
            name.lowercased().contains(hardware.lowercased()) ? name : "\(name) (\(hardware))"
        case (let name?, nil): name
        case (nil, let hardware?): hardware
        case (nil, nil): "a camera without a name"
        }
    }
}
