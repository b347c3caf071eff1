/// Where a stream comes from, secrets and all. Printing it, by any means, gives the redacted form.
public struct StreamURL: Sendable, Equatable {
    /// With every `${NAME}` filled in: for libav's eyes only.
    public let expanded: String
    /// As the file has it, credentials removed: for people.
    public let redacted: String

    /// - Parameter template: the text before expansion; the URL itself where nothing was expanded.
    public init(_ expanded: String, template: String? = nil) {
        self.expanded = expanded
        self.redacted = Redaction().redact(template ?? expanded)
    }
}

extension StreamURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { redacted }
    public var debugDescription: String { redacted }
    public var customMirror: Mirror { Mirror(self, children: [("redacted", redacted)]) }
}
