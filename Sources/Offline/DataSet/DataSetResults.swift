import Foundation
import System
import Text

/// The results' file of an evaluation: a JSON line for each video, from which an interrupted evaluation resumes. Its first
/// line identifies the evaluation; another evaluation must not resume from it.
final class DataSetResults {
    private let path: String
    private let descriptor: Int32
    /// The outcomes of an earlier run, for videos that could be read.
    let earlier: [DataSetOutcome.Video: DataSetOutcome]

    /// Opens the file, or makes it.
    ///
    /// - Parameter head: identifies this evaluation: the first line of the file.
    /// - Throws: `OperationError` if the file belongs to another evaluation, or cannot be read or written.
    init(path: String, head: JSONLine, classes: Int) throws(OperationError) {
        let content: Data
        do throws(RegularFile.Fault) {
            content = Data(try RegularFile.contents(of: path, limit: 1 << 30))
        } catch {
            guard error.isAbsence else {
                let (message, remedy) = error.explanation
                throw OperationError("\(path): \(message); \(remedy)")
            }
            content = Data()
        }
        var earlier: [DataSetOutcome.Video: DataSetOutcome] = [:]
        // The last line is incomplete if the machine stopped while it was written.
        let whole = content.lastIndex(of: UInt8(ascii: "\n")).map { content[...$0] } ?? Data()
        for (index, line) in whole.split(separator: UInt8(ascii: "\n")).enumerated() {
            if index == 0 {
                guard String(decoding: line, as: UTF8.self) == head.text else {
                    throw OperationError(
                        "\(path): has the results of another evaluation (another list, root, model or option), or of an earlier "
                            + "version; name another file"
                    )
                }
                continue
            }
            guard let value = try? JSONValue(parsing: line), let outcome = DataSetOutcome(value, classes: classes)
            else {
                throw OperationError("\(path):\(index + 1): is no line of results; name another file")
            }
            if outcome.error == nil { earlier[outcome.video] = outcome }
        }
        if whole.isEmpty && !content.isEmpty && !head.text.utf8.starts(with: content) {
            throw OperationError("\(path): is there, and holds something else than results; name another file")
        }
        self.path = path
        self.earlier = earlier
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0, ftruncate(descriptor, off_t(whole.count)) == 0 else { throw Self.failure(path) }
        if whole.isEmpty { try append(head) }
    }

    func append(_ line: JSONLine) throws(OperationError) {
        let bytes = line.bytes
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(path) }
            done += count
        }
    }

    private static func failure(_ path: String) -> OperationError {
        OperationError(
            "\(path): cannot be written: \(Errno(errno)); name another file for --results"
        )
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
