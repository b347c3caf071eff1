import Text

/// The URL of a stream, with its secrets. Printing it, by any means, shows the redacted form.
package struct StreamURL: Sendable, Equatable {
    /// The URL with every `${NAME}` filled in, for libav only.
    let expanded: String
    /// The URL as the file has it, without credentials, for people.
    package let redacted: String

    /// - Parameters:
    ///   - expanded: the URL with every `${NAME}` filled in.
    ///   - template: the text before expansion; nil if nothing was expanded.
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
