import Text

/// What one decoding gathers: everything wrong, and the secrets met.
struct DecodingContext {
    let interpolation: Interpolation
    private(set) var diagnostics: [Diagnostic] = []
    private(set) var secrets = Secrets()

    init(interpolation: Interpolation) {
        self.interpolation = interpolation
    }

    /// A single value, its references filled in.
    struct Scalar {
        var text: String
        /// As the file has it, credentials removed: for messages and the report.
        var display: String
        /// In quotes or a block, and without references: text and nothing else.
        var isQuoted: Bool
        /// Some of it was looked up or defaulted.
        var isExpanded: Bool
        /// The text before expansion, without the references' defaults.
        var template: String
    }

    mutating func report(_ place: Place, _ message: String, remedy: String) {
        diagnostics.append(Diagnostic(place, message, remedy: remedy))
    }

    mutating func report(_ others: [Diagnostic]) {
        diagnostics += others
    }

    /// Takes a value that is a secret wherever it came from.
    mutating func keepSecret(_ value: String) { secrets.insert(value) }

    /// Reads a single value; nil, and reported, where there is none.
    /// - Parameters:
    ///   - noun: what is wanted, such as `a duration`.
    ///   - example: how to write one.
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
            template: template.display
        )
    }
}
