extension Duration {
    /// Parses a duration in the notation of the configuration, such as `5s`, `500ms` or `1.5m`; nil for any other text.
    package init?(configured text: String) {
        guard let duration = try? DurationText.parse(text) else { return nil }
        self = duration
    }

    /// The duration in the notation of the configuration.
    package var configured: String { DurationText.format(self) }
}
