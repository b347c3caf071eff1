import Events

extension EventRules {
    /// The thresholds that sweeps try: 0.05, 0.10, …, 0.95.
    static let sweptThresholds = (1...19).map { Double($0) / 20 }
}
