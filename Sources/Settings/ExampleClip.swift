/// A clip that shows a label, as the configuration names it.
package struct ExampleClip: Sendable, Equatable {
    /// Where it lies; what the file says, taken from the configuration file's directory.
    package var path: String
    /// SHA-256 of what it holds: another clip of the same name is another example.
    package var digest: String
    /// Where the configuration names it; says nothing of the clip.
    package var place: Place

    package init(path: String, digest: String, place: Place) {
        self.path = path
        self.digest = digest
        self.place = place
    }

    package static func == (left: ExampleClip, right: ExampleClip) -> Bool {
        left.path == right.path && left.digest == right.digest
    }
}
