import ConfigurationText
import Text

/// The state of one decoding: the errors and the secrets found so far.
struct DecodingContext {
    let interpolation: Interpolation
    /// Whether the text is the fleet's: every host reads it, and the fleet's servers keep it.
    let isShared: Bool
    /// Whether example clips are there to be read.
    let readsClips: Bool
    /// Whether a reference's value is the one that will be used. The fleet's configuration is checked without its hosts'.
    var knowsReferences: Bool { !isShared || readsClips }
    private(set) var diagnostics: [Diagnostic] = []
    private(set) var secrets = Secrets()

    init(interpolation: Interpolation, isShared: Bool = false, readsClips: Bool = true) {
        self.interpolation = interpolation
        self.isShared = isShared
        self.readsClips = readsClips
    }

    /// A single value with its references filled in.
    struct Scalar {
        var text: String
        /// The value as the file has it, without credentials: for messages and for `check`.
        var display: String
        /// Whether it is in quotes or a block, without references, and therefore a text.
        var isQuoted: Bool
        /// Whether a reference in it was filled in.
        var isExpanded: Bool
        /// The text before expansion, without the references' defaults.
        var template: String
        /// Whether the text begins with a reference whose value only the fleet's hosts know.
        var beginsUnknown: Bool
        /// Whether it is a URL with a password that no reference stands for.
        var hasWrittenPassword: Bool
    }

    mutating func report(_ place: Place, _ message: String, remedy: String) {
        diagnostics.append(Diagnostic(place, message, remedy: remedy))
    }

    mutating func report(_ others: [Diagnostic]) {
        diagnostics += others
    }

    /// Records a value that is a secret even if it was not looked up.
    mutating func keepSecret(_ value: String) { secrets.insert(value) }

    /// Reads a single value. Returns nil if it is wrong and was reported.
    ///
    /// - Parameters:
    ///   - path: the key's name in messages.
    ///   - noun: the kind of value, such as `a duration`.
    ///   - example: a value of this kind.
    ///   - isURL: whether references in the user and the password are percent-encoded.
    mutating func scalar(
        of node: SourceNode,
        path: String,
        noun: String,
        example: String,
        isURL: Bool = false
    ) -> Scalar? {
        guard case .scalar(let source, let isPlain) = node.content else {
            report(node.place, "\(path) must be \(noun), not \(node.kind)", remedy: "write it like \(example)")
            return nil
        }
        guard !node.isNull else {
            report(node.place, "\(path) has no value", remedy: "write \(noun) like \(example), or remove the line")
            return nil
        }
        let template: Template
        do throws(Template.Malformed) {
            template = try Template(source)
        } catch {
            report(node.place, "\(path): \(error.message)", remedy: error.remedy)
            return nil
        }
        let expansion = interpolation.expand(template, escaping: isURL ? template.credentialReferences : [])
        expansion.secrets.forEach { secrets.insert($0) }
        for problem in expansion.problems {
            report(node.place, "\(path): \(problem.message)", remedy: problem.remedy)
        }
        guard expansion.problems.isEmpty else { return nil }
        return Scalar(
            text: expansion.value,
            display: Redaction().redact(template.display),
            isQuoted: !isPlain && !template.hasReferences,
            isExpanded: template.hasReferences,
            template: template.display,
            beginsUnknown: expansion.beginsUnknown,
            hasWrittenPassword: isURL && template.hasWrittenPassword
        )
    }
}
