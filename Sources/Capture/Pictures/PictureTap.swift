import Synchronization
import System

/// A small copy of a source's newest picture, for people to view: upright, masked and cropped, as the model sees it.
///
/// Without requests it costs nothing: the capture thread only checks whether there was a request within the last
/// seconds. If so, it copies each sampled picture. The requesting thread encodes the JPEG, once for all requests.
package final class PictureTap: Sendable {
    package struct JPEG: Sendable, Equatable {
        package var bytes: [UInt8]
        /// When the picture was sampled, on the monotonic clock.
        package var time: Duration
    }

    /// How long one request keeps pictures coming.
    package static let attention = Duration.seconds(5)
    /// A request waits for a new picture if the newest is older than this.
    private static let fresh = Duration.seconds(2)
    private static let look = Duration.milliseconds(10)

    private struct State {
        var picture: (PlanarPicture, time: Duration)?
        var jpeg: JPEG?
    }

    package let widest: Int
    /// When the last request expires, in nanoseconds of the monotonic clock.
    private let wantedUntil = Atomic<Int64>(0)
    private let state = Mutex(State())

    /// - Parameter widest: the largest width in pixels; smaller pictures keep their size.
    package init(widest: Int = 640) {
        self.widest = widest
    }

    /// Whether someone asked for a picture within the last seconds.
    package var isWanted: Bool { Self.nanoseconds(MonotonicTime.now) < wantedUntil.load(ordering: .relaxed) }

    package func put(_ picture: PlanarPicture) {
        let now = MonotonicTime.now
        state.withLock { $0.picture = (picture, now) }
    }

    /// Keeps pictures coming for as long as one request does.
    package func request() {
        wantedUntil.store(Self.nanoseconds(MonotonicTime.now + Self.attention), ordering: .relaxed)
    }

    /// The newest picture, once: nil until there is another.
    package func take() -> PlanarPicture? {
        state.withLock { state in
            defer { state.picture = nil }
            return state.picture?.0
        }
    }

    /// The newest picture as a JPEG file.
    ///
    /// Waits for a new picture if there is none from the last seconds.
    ///
    /// - Parameter limit: the longest wait.
    /// - Returns: the newest picture. If none arrives in time, the last one taken; nil if there never was one.
    /// - Throws: `CaptureError` if the picture cannot be encoded.
    package func jpeg(waiting limit: Duration) throws(CaptureError) -> JPEG? {
        let end = MonotonicTime.now + limit
        wantedUntil.store(Self.nanoseconds(end + Self.attention), ordering: .relaxed)
        while MonotonicTime.now < end, !hasFresh { MonotonicTime.sleep(for: Self.look) }
        // Encode outside the lock, because the capture thread takes it. A concurrent request gets the previous picture.
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
