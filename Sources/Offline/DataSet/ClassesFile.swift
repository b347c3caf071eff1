import ConfigurationText
import Settings
import Text

/// The names of a data set's classes, as the authors keep them: CSV with the header `id,name`, the ids 0 to K − 1.
enum ClassesFile {
    static let fileLimit = 1 << 20
    /// The most classes of a data set. Each is a text to encode and a score of every video; the largest public sets of videos
    /// have some thousands.
    static let most = 20_000

    /// The names in the order of their ids.
    ///
    /// - Throws: `ConfigurationError` with the first thing that is wrong.
    static func load(path: String) throws(ConfigurationError) -> [String] {
        try parse(TextFile.load(path, limit: fileLimit), file: path)
    }

    static func parse(_ text: String, file: String) throws(ConfigurationError) -> [String] {
        var names: [Int: String] = [:]
        var seen = Set<String>()
        var hasHeader = false
        for (number, line) in ContentLines(text, hasComments: false) {
            do throws(CSV.Fault) {
                let fields = try CSV.fields(of: line)
                guard hasHeader else {
                    guard fields.map(\.text) == ["id", "name"] else {
                        throw CSV.Fault(1, "the header is not id,name", "make that the first line")
                    }
                    hasHeader = true
                    continue
                }
                guard fields.count == 2, let id = Int(fields[0].text), id >= 0 else {
                    throw CSV.Fault(1, "this line is not id,name", "write a number and a name")
                }
                if let fault = TextRules.label(fields[1].text) {
                    throw CSV.Fault(fields[1].column, "this name \(fault.message)", fault.remedy)
                }
                guard names.count < most else { throw tooMany(at: 1) }
                guard names.updateValue(fields[1].text, forKey: id) == nil, seen.insert(fields[1].text).inserted else {
                    throw CSV.Fault(1, "this id or name is there twice", "remove one of the two")
                }
            } catch {
                throw ConfigurationError([Diagnostic(error, file: file, line: number)])
            }
        }
        let ordered = (0..<names.count).compactMap { names[$0] }
        guard !ordered.isEmpty, ordered.count == names.count else {
            let message = names.isEmpty ? "there are no classes in the file" : "the ids are not 0 to \(names.count - 1)"
            throw ConfigurationError([Diagnostic(.file(file), message, remedy: "number the classes from 0 on")])
        }
        return ordered
    }

    /// - Parameter column: where the first class too many is named.
    static func tooMany(at column: Int) -> CSV.Fault {
        CSV.Fault(
            column,
            "there are more than \(most) classes up to here",
            "a class is what many videos share: give each video one of those, not a text of its own"
        )
    }
}
