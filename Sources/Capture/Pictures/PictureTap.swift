import Synchronization
import System

/// The newest picture of a source, for people to look at: upright, masked and cropped as the model gets it, and small.
///
/// Nothing is made while nobody asks: the capture thread only looks whether somebody did within the last seconds. Then it
/// makes a small copy of each sampled picture; the JPEG is made by whoever asks for it, once for all who do.
package final class PictureTap: Sendable {
    package struct JPEG: Sendable, Equatable {
        package var bytes: [UInt8]
        /// When the picture was sampled, on the monotonic clock.
        package var time: Duration
    }

    /// How long one question keeps pictures coming.
    package static let attention = Duration.seconds(5)
    /// A picture older than this is not what is seen now: one is waited for.
    private static let fresh = Duration.seconds(2)
    private static let look = Duration.milliseconds(10)

    private struct State {
        var picture: (PlanarPicture, time: Duration)?
        var jpeg: JPEG?
    }

    let widest: Int
    /// The end of the last question's attention, in nanoseconds of the monotonic clock.
    private let wantedUntil = Atomic<Int64>(0)
    private let state = Mutex(State())

    /// `widest`: pixels; smaller pictures keep their size.
    package init(widest: Int = 640) {
        self.widest = widest
    }

    var isWanted: Bool { Self.nanoseconds(MonotonicTime.now) < wantedUntil.load(ordering: .relaxed) }

    func put(_ picture: PlanarPicture) {
        let now = MonotonicTime.now
        state.withLock { $0.picture = (picture, now) }
    }

    /// The newest picture. Waits for one where there is none of the last seconds; the last one that was taken where none
    /// comes in time, and nil where there never was one.
    ///
    /// - Throws: `CaptureError` where it cannot be encoded.
    package func jpeg(waiting limit: Duration) throws(CaptureError) -> JPEG? {
        let end = MonotonicTime.now + limit
        wantedUntil.store(Self.nanoseconds(end + Self.attention), ordering: .relaxed)
        while MonotonicTime.now < end, !hasFresh { MonotonicTime.sleep(for: Self.look) }
        // Encoded outside the lock, which the capture thread takes. Who asks meanwhile gets the one before.
        let (picture, last) = state.withLock { state in
            defer { state.picture = nil }
            return (state.picture, state.jpeg)
        }
        guard let picture else { return last }
        let encoder = try JPEGEncoder(width: picture.0.width, height: picture.0.height)
        let made = JPEG(bytes: try encoder.encode(picture.0), time: picture.time)
        return state.withLock { state in
            if let newer = state.jpeg, newer.time > made.time { return newer }
            state.jpeg = made
            return made
        }
    }

    private var hasFresh: Bool {
        let since = MonotonicTime.now - Self.fresh
        return state.withLock { state in
            state.picture.map { $0.time > since } ?? false || state.jpeg.map { $0.time > since } ?? false
        }
    }

    private static func nanoseconds(_ time: Duration) -> Int64 {
        time.components.seconds * 1_000_000_000 + time.components.attoseconds / 1_000_000_000
    }
}
