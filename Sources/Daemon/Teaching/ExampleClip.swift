/// A clip that shows a label, as the configuration names it.
public struct ExampleClip: Sendable, Equatable {
    /// Where it lies; what the file says, taken from the configuration file's directory.
    public var path: String
    /// SHA-256 of what it holds: another clip of the same name is another example.
    public var digest: String
    /// Where the configuration names it; says nothing of the clip.
    public var place: Place

    public static func == (left: ExampleClip, right: ExampleClip) -> Bool {
        left.path == right.path && left.digest == right.digest
    }
}
