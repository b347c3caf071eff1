internal import DequeModule
internal import Synchronization
import System

/// The pictures that a source sampled last, small: what an event is shown by. Upright, masked and cropped as the model
/// gets them.
///
/// The capture thread puts in a copy of each; the strip is made by whoever asks for it.
package final class PictureHistory: Sendable {
    /// Pixels; smaller pictures keep their size.
    static let widest = 320
    /// Pictures side by side in a strip; more go into further rows.
    private static let columns = 8

    private let capacity: Int
    /// On the monotonic clock, oldest first.
    private let pictures = Mutex<Deque<(picture: PlanarPicture, time: Duration)>>([])

    /// `capacity`: as many as a window has.
    package init(capacity: Int) {
        precondition(capacity > 0, "a history holds at least one picture")
        self.capacity = capacity
    }

    func put(_ picture: PlanarPicture) {
        let time = MonotonicTime.now
        pictures.withLock { pictures in
            // Of another size after a change at the source: the two do not go into one strip.
            if let last = pictures.last?.picture, (last.width, last.height) != (picture.width, picture.height) {
                pictures.removeAll(keepingCapacity: true)
            }
            if pictures.count == capacity { pictures.removeFirst() }
            pictures.append((picture, time))
        }
    }

    /// A source was opened: what came from the one before does not go with what comes now.
    func clear() { pictures.withLock { $0.removeAll(keepingCapacity: true) } }

    /// The pictures up to a time of the monotonic clock, to be joined at leisure; nil where there is none.
    package func strip(until time: Duration) -> PictureStrip? {
        let chosen = pictures.withLock { $0.prefix { $0.time <= time }.map(\.picture) }
        return chosen.isEmpty ? nil : PictureStrip(pictures: chosen, columns: Self.columns)
    }
}

/// Pictures of one size, oldest first, to be joined into one.
package struct PictureStrip: Sendable {
    /// Not empty.
    let pictures: [PlanarPicture]
    let columns: Int

    package var count: Int { pictures.count }

    /// From left to right, then down, as a JPEG file.
    ///
    /// - Throws: `CaptureError` where libav cannot encode it.
    package func jpeg() throws(CaptureError) -> [UInt8] {
        let joined = joined
        return try JPEGEncoder(width: joined.width, height: joined.height).encode(joined)
    }

    var joined: PlanarPicture {
        let (width, height) = (pictures[0].width, pictures[0].height)
        let across = min(columns, pictures.count)
        let down = (pictures.count + across - 1) / across
        var whole = PlanarPicture(width: width * across, height: height * down)
        // Black, in places that no picture fills: brightness 0, colour in the middle.
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
