import ConfigurationText
import Foundation
import Settings
import Text

/// A data set's list of videos, as `eval --data` reads it: CSV with the header `path,label`, or the authors' form, a line
/// `path class` for each video, the class a number of the classes' file. A video that shows several things has all their
/// numbers, as in the authors' lists of several classes: `path class class`. Blank lines are skipped. There are no comments:
/// HMDB-51 has videos whose names begin with `#`. Paths are relative to the list's directory, or to `--root`.
struct DataSetFile {
    struct Video: Equatable {
        /// As the list has it.
        var path: String
        /// The indices of its classes: one, or several.
        var labels: [Int]
    }

    static let fileLimit = 256 << 20

    let path: String
    let videos: [Video]
    /// Whether a video has several classes.
    var isMultiLabel: Bool { videos.contains { $0.labels.count > 1 } }

    /// `classes`: of the classes' file; nil without one. Returns the classes as well: without a file the labels of the list, in
    /// the order of their first video.
    ///
    /// - Throws: `ConfigurationError` with the first thing that is wrong.
    static func load(path: String, classes: [String]?) throws(ConfigurationError) -> (DataSetFile, classes: [String]) {
        try parse(TextFile.load(path, limit: fileLimit), file: path, classes: classes)
    }

    static func parse(
        _ text: String,
        file: String,
        classes given: [String]?
    ) throws(ConfigurationError) -> (DataSetFile, classes: [String]) {
        var videos: [Video] = []
        var classes = given ?? []
        var index = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
        var isTable: Bool?
        for (number, line) in ContentLines(text, hasComments: false) {
            do throws(CSV.Fault) {
                if isTable == nil {
                    isTable = (try? CSV.fields(of: line))?.map(\.text) == ["path", "label"]
                    if isTable == true { continue }
                }
                guard isTable == true else {
                    videos.append(try numbered(line, classes: given))
                    continue
                }
                let fields = try CSV.fields(of: line)
                guard fields.count == 2, !fields[0].text.isEmpty else {
                    throw CSV.Fault(1, "this line is not path,label", "quote what has a comma in it")
                }
                let label = fields[1]
                if let fault = TextRules.label(label.text) {
                    throw CSV.Fault(label.column, "this label \(fault.message)", fault.remedy)
                }
                if index[label.text] == nil, given == nil {
                    guard classes.count < ClassesFile.most else { throw ClassesFile.tooMany(at: label.column) }
                    index[label.text] = classes.count
                    classes.append(label.text)
                }
                guard let known = index[label.text] else {
                    let message = "\(label.text.debugDescription) is none of the classes"
                    throw CSV.Fault(label.column, message, "write it as --classes or the first list has it")
                }
                videos.append(Video(path: fields[0].text, labels: [known]))
            } catch {
                throw ConfigurationError([Diagnostic(error, file: file, line: number)])
            }
        }
        guard !videos.isEmpty else {
            let remedy = "begin it with path,label, or write a line `path class` for each"
            throw ConfigurationError([Diagnostic(.file(file), "there are no videos in the file", remedy: remedy)])
        }
        return (DataSetFile(path: file, videos: videos), classes)
    }

    /// `path class …`: the numbers at the end are the classes.
    private static func numbered(_ line: Substring, classes: [String]?) throws(CSV.Fault) -> Video {
        guard let classes else {
            throw CSV.Fault(1, "this is no path,label header", "name the file of the numbers' classes: --classes")
        }
        let words = line.split { $0 == " " || $0 == "\t" }
        // The first word is of the path, even if it is a number.
        let numbers = words.dropFirst().reversed().prefix { Int($0) != nil }.reversed()
        guard let first = numbers.first else {
            throw CSV.Fault(
                1,
                "this line is not a path and the number of a class",
                "write both, with a blank between"
            )
        }
        var labels: [Int] = []
        for number in numbers.compactMap({ Int($0) }) {
            guard classes.indices.contains(number) else {
                throw CSV.Fault(1, "there is no class \(number)", "the classes are 0 to \(classes.count - 1)")
            }
            guard !labels.contains(number) else {
                throw CSV.Fault(1, "the class \(number) is there twice", "remove one of the two")
            }
            labels.append(number)
        }
        let path = line[..<first.startIndex].trimmingCharacters(in: .whitespaces)
        return Video(path: path, labels: labels)
    }
}
