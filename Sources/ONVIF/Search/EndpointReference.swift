/// The identity of a device, which stays the same when its address changes. Devices spell the same one in several ways.
struct EndpointReference: Sendable, Hashable {
    /// As the device spells it.
    let text: String
    private let key: String

    /// Nil if the text is no identity.
    init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= 256 else { return nil }
        var key = text.lowercased()
        for prefix in ["urn:", "uuid:"] where key.hasPrefix(prefix) { key.removeFirst(prefix.count) }
        guard !key.isEmpty else { return nil }
        self.text = text
        self.key = key
    }

    static func == (left: EndpointReference, right: EndpointReference) -> Bool { left.key == right.key }

    func hash(into hasher: inout Hasher) { hasher.combine(key) }
}
