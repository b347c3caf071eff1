package import ConfigurationText

/// A clip that shows a label, as the configuration names it.
package struct ExampleClip: Sendable, Equatable {
    /// The clip's path. A relative path in the file has been resolved from the file's directory.
    package var path: String
    /// SHA-256 of the content: another clip with the same name is another example.
    package var digest: String
    /// The place that names the clip. Two clips may be equal at different places.
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
