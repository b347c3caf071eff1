/// The two words of a boolean in the configuration.
enum BooleanWord: String, CaseIterable {
    case yes = "true"
    case no = "false"
}

extension Bool {
    /// The value as its word, so that a boolean is read as a choice of two.
    var word: BooleanWord {
        get { self ? .yes : .no }
        set { self = newValue == .yes }
    }
}
