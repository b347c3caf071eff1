import Foundation
import System
import Text

/// The results' file of an evaluation: what each video gave, a JSON line each, from which an evaluation that was ended goes
/// on. Its first line says what was evaluated, and how; another evaluation must not go on with it.
final class DataSetResults {
    private let path: String
    private let descriptor: Int32
    /// What an earlier run has left: of videos that could be read.
    let earlier: [DataSetOutcome.Video: DataSetOutcome]

    /// `head`: what this evaluation is. Makes the file where it is not there.
    ///
    /// - Throws: `OperationError` where the file is another evaluation's, or cannot be read or written.
    init(path: String, head: JSONLine, classes: Int) throws(OperationError) {
        let content = FileManager.default.contents(atPath: path) ?? Data()
        var earlier: [DataSetOutcome.Video: DataSetOutcome] = [:]
        // A line that was being written when the machine stopped has no end.
        let whole = content.lastIndex(of: UInt8(ascii: "\n")).map { content[...$0] } ?? Data()
        for (index, line) in whole.split(separator: UInt8(ascii: "\n")).enumerated() {
            if index == 0 {
                guard String(decoding: line, as: UTF8.self) == head.text else {
                    throw OperationError(
                        "\(path): has the results of another evaluation (another list, model or option); name another file"
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
