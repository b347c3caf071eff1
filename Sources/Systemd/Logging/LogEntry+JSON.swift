import Logging
import Text

extension LogEntry {
    /// For programs: an object with `time`, `level`, `subsystem`, `stream` and `message`; the details, if any, in
    /// `fields`; `repeated` if the entry stands for others that were held back.
    func json(time: UTCTime) -> String {
        var line = JSONLine()
        line.add("time", time)
        line.add("level", subject.level.rawValue)
        line.add("subsystem", subject.subsystem)
        line.add("stream", subject.stream)
        line.add("message", subject.message)
        if !details.isEmpty {
            var fields = JSONLine()
            for detail in details { fields.add(detail.key, detail.value) }
            line.add("fields", fields)
        }
        if let repeated { line.add("repeated", repeated) }
        return line.text
    }
}
