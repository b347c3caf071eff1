/// What is kept of events to look at.
struct PictureSettings: Sendable, Equatable {
    /// The directory: `DIRECTORY/2026-11-25/ID.jpg` and, where clips are wanted, `ID.mp4`.
    var directory: String
    /// What is older is removed.
    var keep: Duration
    /// The oldest are removed while all have more bytes than this.
    var keepBytes: Int64
    /// What a clip shows of the time before its event's start.
    var clipBefore: Duration
    /// And of the time from there on; zero for no clips.
    var clipAfter: Duration

    var hasClips: Bool { clipAfter > .zero }
}

extension EventSettings {
    /// Nil where no pictures are kept.
    var pictureSettings: PictureSettings? {
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
