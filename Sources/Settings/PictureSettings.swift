/// The pictures and clips that are kept of events.
package struct PictureSettings: Sendable, Equatable {
    /// The directory: `DIRECTORY/2026-11-25/ID.jpg` and, with clips, `ID.mp4`.
    package var directory: String
    /// Older files are removed.
    package var keep: Duration
    /// The oldest files are removed while all together are larger than this, in bytes.
    package var keepBytes: Int64
    /// The least time that a clip has before its event's start.
    package var clipBefore: Duration
    /// The time that a clip has after its event's start; zero for no clips.
    package var clipAfter: Duration

    package var hasClips: Bool { clipAfter > .zero }
}

extension EventSettings {
    /// Nil if no pictures are kept.
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
