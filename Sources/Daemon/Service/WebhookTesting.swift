import Capture
package import Settings
package import Text
import WebhookFeed

/// Sends a made-up event to the configured webhooks: the work of `watchword webhook test`.
package struct WebhookTesting {
    private let webhooks: [WebhookSettings]
    private let pictures: PictureDirectory?
    private let redaction: Redaction
    private let version: String

    /// - Parameters:
    ///   - configuration: with the webhooks.
    ///   - name: of the only one to test; nil for all.
    ///   - version: the program's.
    /// - Throws: `OperationError` if there is none.
    package init(_ configuration: Configuration, name: String?, version: String) throws(OperationError) {
        webhooks = configuration.webhooks.filter { name == nil || $0.name == name }
        pictures = configuration.events.pictures.map { PictureDirectory(path: $0) }
        redaction = Redaction(secrets: configuration.secrets.values)
        self.version = version
        guard webhooks.isEmpty else { return }
        guard let name, !configuration.webhooks.isEmpty else {
            throw OperationError("there are no webhooks: add webhooks: [{name: phone, url: …}] to the configuration")
        }
        let names = configuration.webhooks.map(\.name).joined(separator: ", ")
        throw OperationError("there is no webhook \"\(name)\": the configuration has \(names)")
    }

    /// Tests one after the other.
    ///
    /// - Parameter print: takes a line for each.
    /// - Returns: whether all accepted the event.
    package func run(_ print: (String) throws -> Void) rethrows -> Bool {
        var isGood = true
        let picture = pictures?.newest ?? Self.drawn
        for webhook in webhooks {
            let outcome = WebhookTrial(webhook, version: version).run(picture: picture)
            try print(redaction.redact("\(webhook.name) \(outcome.text)"))
            isGood = isGood && outcome.isAccepted
        }
        return isGood
    }

    /// A picture of eight bars from black to white.
    private static var drawn: [UInt8]? {
        let (width, height) = (320, 180)
        let luma = (0..<width * height).map { UInt8($0 % width / 40 * 36) }
        let planes = luma + [UInt8](repeating: 128, count: width * height / 2)
        let tap = PictureTap(widest: width)
        planes.withUnsafeBytes { planes in
            PlanarPicture(width: width, height: height, widest: width, planes: planes).map { tap.put($0) }
        }
        return try? tap.jpeg(waiting: .zero)?.bytes
    }
}
