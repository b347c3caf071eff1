/// The two words for a yes or no in the configuration.
enum Truth: String, CaseIterable {
    case yes = "true"
    case no = "false"
}

extension Bool {
    /// The value as its word, so that a yes or no is read as a choice of two.
    var truth: Truth {
        get { self ? .yes : .no }
        set { self = newValue == .yes }
    }
}
