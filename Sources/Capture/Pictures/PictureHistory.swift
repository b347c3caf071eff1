internal import DequeModule
internal import Synchronization
import System

/// Small copies of the pictures that a source sampled last, to illustrate an event. They are upright, masked and
/// cropped, as the model sees them.
///
/// The capture thread adds the copies. The caller of `strip` joins them on its own thread.
package final class PictureHistory: Sendable {
    /// The largest width in pixels. Smaller pictures keep their size.
    package static let widest = 320
    /// The pictures in a row of a strip; further pictures continue in the next row.
    private static let columns = 8

    private let capacity: Int
    /// Oldest first, each with the time when it was taken, on the monotonic clock.
    private let pictures = Mutex<Deque<(picture: PlanarPicture, time: Duration)>>([])

    /// - Parameter capacity: the number of pictures to keep: as many as a window has.
    package init(capacity: Int) {
        precondition(capacity > 0, "a history holds at least one picture")
        self.capacity = capacity
    }

    package func put(_ picture: PlanarPicture, takenAt time: Duration) {
        pictures.withLock { pictures in
            // Pictures of different sizes do not fit into one strip. The size changes if the source does.
            if let last = pictures.last?.picture, (last.width, last.height) != (picture.width, picture.height) {
                pictures.removeAll(keepingCapacity: true)
            }
            if pictures.count == capacity { pictures.removeFirst() }
            pictures.append((picture, time))
        }
    }

    /// The newest picture, which is forgotten here; nil if there is none.
    package func takeNewest() -> PlanarPicture? { pictures.withLock { $0.popLast()?.picture } }

    /// Forgets the pictures of the previous source when a source is opened.
    package func clear() { pictures.withLock { $0.removeAll(keepingCapacity: true) } }

    /// The pictures up to a time on the monotonic clock, or the oldest if all are later, as when a decision took longer
    /// than a window; nil if there are none. They can be joined later.
    package func strip(until time: Duration) -> PictureStrip? {
        let chosen = pictures.withLock { pictures in
            pictures.prefix(max(1, pictures.prefix { $0.time <= time }.count)).map(\.picture)
        }
        return chosen.isEmpty ? nil : PictureStrip(pictures: chosen, columns: Self.columns)
    }
}

/// Pictures of one size, oldest first, that can be joined into one.
package struct PictureStrip: Sendable {
    /// Not empty.
    let pictures: [PlanarPicture]
    let columns: Int

    package var count: Int { pictures.count }

    /// Joins the pictures, from left to right and then down, and encodes them as a JPEG file.
    ///
    /// - Throws: `CaptureError` if libav cannot encode them.
    package func jpeg() throws(CaptureError) -> [UInt8] {
        let joined = joined
        return try JPEGEncoder(width: joined.width, height: joined.height).encode(joined)
    }

    var joined: PlanarPicture {
        let (width, height) = (pictures[0].width, pictures[0].height)
        let across = min(columns, pictures.count)
        let down = (pictures.count + across - 1) / across
        var whole = PlanarPicture(width: width * across, height: height * down)
        // Empty places are black: brightness 0 and neutral colour.
        whole.bytes.replaceSubrange(
            (whole.width * whole.height)...,
            with: repeatElement(128, count: whole.width * whole.height / 2)
        )
        for (index, picture) in pictures.enumerated() {
            let (column, row) = (index % across, index / across)
            var (source, target) = (0, 0)
            for scale in [1, 2, 2] {
                let (wide, tall, stride) = (width / scale, height / scale, whole.width / scale)
                for line in 0..<tall {
                    let start = target + (row * tall + line) * stride + column * wide
                    whole.bytes.replaceSubrange(
                        start..<(start + wide),
                        with: picture.bytes[source..<(source + wide)]
                    )
                    source += wide
                }
                target += stride * (whole.height / scale)
            }
        }
        return whole
    }
}
