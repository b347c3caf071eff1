import Text

/// Fills in `${NAME}` and `${NAME:default}`, from the file NAME in the credentials directory or else from the environment.
/// `$${` is a plain `${`.
package struct Interpolation {
    private static let credentialLimit = 65_536

    /// systemd's `$CREDENTIALS_DIRECTORY`.
    package let credentialsDirectory: String?
    package let environment: [String: String]
    /// Stands for every value that is not known here; nil if such a value is an error.
    private let standIn: String?

    /// Nothing is looked up: a reference without a default is a text of its own.
    package static var unknown: Interpolation { Interpolation(environment: [:], standIn: "x") }

    package init(environment: [String: String]) { self.init(environment: environment, standIn: nil) }

    private init(environment: [String: String], standIn: String?) {
        self.environment = environment
        self.standIn = standIn
        credentialsDirectory = environment["CREDENTIALS_DIRECTORY"].flatMap { $0.isEmpty ? nil : $0 }
    }

    package struct Expansion {
        package var value = ""
        /// The values that were looked up, as found and as written into `value`.
        package var secrets: [String] = []
        /// Whether `value` begins with what only stands for a value that is not known here.
        package var beginsUnknown = false
        package var problems: [Problem] = []
    }

    /// An error in a reference. It never holds a value.
    package struct Problem: Error {
        package var message: String
        package var remedy: String
    }

    /// - Parameter escaping: the indices of the references to percent-encode.
    package func expand(_ template: Template, escaping: Set<Int> = []) -> Expansion {
        var expansion = Expansion()
        for (index, part) in template.parts.enumerated() {
            switch part {
            case .text(let text):
                expansion.value += text
            case .reference(let name, let fallback):
                do throws(Problem) {
                    let found = try lookUp(name)
                    guard let plain = found ?? fallback ?? standIn else { throw missing(name) }
                    let written = escaping.contains(index) ? plain.percentEncoded() : plain
                    expansion.value += written
                    if index == 0, found == nil, fallback == nil { expansion.beginsUnknown = true }
                    if found != nil {
                        expansion.secrets += [plain, written, plain.percentEncoded()]
                    }
                } catch {
                    expansion.problems.append(error)
                }
            }
        }
        return expansion
    }

    private func lookUp(_ name: String) throws(Problem) -> String? {
        try credential(name) ?? environment[name]
    }

    /// The content of a credential; nil if it does not exist.
    private func credential(_ name: String) throws(Problem) -> String? {
        guard let credentialsDirectory, name != ".", name != ".." else { return nil }
        let text: String
        do throws(TextFile.Failure) {
            text = try TextFile.read("\(credentialsDirectory)/\(name)", limit: Self.credentialLimit)
        } catch {
            if error.isAbsence { return nil }
            throw Problem(message: "the credential \(name) \(error.message)", remedy: error.remedy)
        }
        guard !text.contains("\0") else {
            throw Problem(message: "the credential \(name) holds a NUL byte", remedy: "store it as text")
        }
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    private func missing(_ name: String) -> Problem {
        let places = credentialsDirectory == nil ? "in the environment" : "as a credential or in the environment"
        return Problem(
            message: "${\(name)} is not set \(places)",
            remedy: "set it, or give a default as ${\(name):default}"
        )
    }
}
