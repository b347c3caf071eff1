import Text

/// Where a stream comes from, secrets and all. Printing it, by any means, gives the redacted form.
package struct StreamURL: Sendable, Equatable {
    /// With every `${NAME}` filled in: for libav's eyes only.
    package let expanded: String
    /// As the file has it, credentials removed: for people.
    package let redacted: String

    /// - Parameter template: the text before expansion; the URL itself where nothing was expanded.
    package init(_ expanded: String, template: String? = nil) {
        self.expanded = expanded
        self.redacted = Redaction().redact(template ?? expanded)
    }
}

extension StreamURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { redacted }
    package var debugDescription: String { redacted }
    package var customMirror: Mirror { Mirror(self, children: [("redacted", redacted)]) }
}
