/// What is kept of events to look at.
package struct PictureSettings: Sendable, Equatable {
    /// The directory: `DIRECTORY/2026-11-25/ID.jpg` and, where clips are wanted, `ID.mp4`.
    package var directory: String
    /// What is older is removed.
    package var keep: Duration
    /// The oldest are removed while all have more bytes than this.
    package var keepBytes: Int64
    /// What a clip shows of the time before its event's start.
    package var clipBefore: Duration
    /// And of the time from there on; zero for no clips.
    package var clipAfter: Duration

    package var hasClips: Bool { clipAfter > .zero }
}

extension EventSettings {
    /// Nil where no pictures are kept.
    package var pictureSettings: PictureSettings? {
        pictures.map {
            PictureSettings(
                directory: $0,
                keep: keep,
                keepBytes: picturesSize,
                clipBefore: clipBefore,
                clipAfter: clipAfter
            )
        }
    }
}
