extension UTCTime {
    /// Reads a time of RFC 3339 in UTC, such as `2026-11-22T10:15:03.120473Z`: with a fraction of any length, or
    /// without. Nil for any other text.
    package init?(rfc3339 text: String) {
        guard text.hasSuffix("Z") else { return nil }
        let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first else { return nil }
        let fraction = parts.count == 2 ? parts[1].prefix(3) : ""
        let padding = String(repeating: "0", count: 3 - fraction.count)
        self.init(iso8601: "\(whole).\(fraction)\(padding)Z")
    }
}
