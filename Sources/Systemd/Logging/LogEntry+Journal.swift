extension LogEntry {
    /// The fields for the system journal, `NAME=value` each: `journalctl SUBSYSTEM=capture STREAM=door` finds them. MESSAGE
    /// is the whole line, so that a reader sees everything without asking for fields.
    func journalFields(message: String) -> [String] {
        var fields = ["MESSAGE=\(message)", "PRIORITY=\(subject.level.priority)", "SUBSYSTEM=\(subject.subsystem)"]
        if let stream = subject.stream { fields.append("STREAM=\(stream)") }
        if let label = details.first(where: { $0.key == "label" }) { fields.append("LABEL=\(label.value)") }
        return fields
    }
}
