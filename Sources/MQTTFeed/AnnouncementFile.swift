import Foundation
import Glibc
import System
import Text

/// The file that keeps what was announced, and to which brokers. One JSON line for each.
///
/// It is replaced in one step. Without a path nothing is kept: what an earlier daemon announced is then not taken back.
package struct AnnouncementFile: Sendable {
    private let path: String?

    package init(path: String?) {
        self.path = path
    }

    /// What was announced; empty if there is no file or it cannot be read.
    func read() -> [Announced] {
        guard let path, let data = FileManager.default.contents(atPath: path) else { return [] }
        return data.split(separator: UInt8(ascii: "\n")).compactMap { line in
            (try? JSONValue(parsing: Array(line))).flatMap { Announced($0) }
        }
    }

    func write(_ announced: [Announced]) throws(MQTTFeedError) {
        guard let path else { return }
        let bytes = announced.flatMap { $0.line.bytes }
        let fresh = path + ".new"
        let (raw, number) = uninterrupted { open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600) }
        guard raw >= 0 else { throw Self.failure(number) }
        let descriptor = FileDescriptor(owning: raw)
        let (count, reason) = uninterrupted { Glibc.write(descriptor.raw, bytes, bytes.count) }
        guard count == bytes.count else { throw Self.failure(reason == 0 ? ENOSPC : reason) }
        guard rename(fresh, path) == 0 else { throw Self.failure(errno) }
    }

    private static func failure(_ number: Int32) -> MQTTFeedError {
        MQTTFeedError(
            "cannot keep what was announced to the broker: \(Errno(number)); "
                + "after a change of mqtt, `watchword mqtt clear` takes it back"
        )
    }

    /// The brokers that still keep what was announced to them, each with the command that takes it back.
    ///
    /// - Parameter broker: the configured one, which needs no command; nil for none.
    package func leftovers(besides broker: MQTTAddress?) -> [String] {
        read().filter { $0.broker != broker?.description }.map { announced in
            let discovery = announced.discovery.map { " --discovery \($0)" } ?? ""
            return "the MQTT broker \(announced.broker) keeps what was announced below \(announced.topic)/: "
                + "watchword mqtt clear --url mqtt://\(announced.broker) --topic \(announced.topic)\(discovery)"
        }
    }
}
