extension Duration {
    /// A duration as the configuration writes it: `5s`, `500ms`, `1.5m`; nil for anything else.
    package init?(configured text: String) {
        guard let duration = try? DurationText.parse(text) else { return nil }
        self = duration
    }

    /// The duration as the configuration writes it.
    package var configured: String { DurationText.format(self) }
}
