import Capture
import ONVIF

/// What the daemon asks of a capture process.
enum CaptureRequest {
    /// The first message, with the picture memory, then the source's pipe and its complaints if another process started it.
    case open(Opening)
    /// Someone looks at the source: the newest pictures are wanted for some seconds.
    case look
    /// The daemon has copied the picture of this slot.
    case release(slot: Int)
    /// Cut a clip, with the file to write it to and the pipe for the answer. Times are on the monotonic clock.
    case clip(from: Duration, to: Duration)
    /// Close the source.
    case close

    struct Opening {
        var options: SourceOptions
        /// The largest width of the newest picture, for viewers; nil if there are none.
        var newestWidest: Int?
        /// Whether small pictures are kept for events.
        var keepsHistory: Bool
        /// How much video is kept for clips; nil for none.
        var clipLength: Duration?
        /// What is known of the camera that the URL names, where it names one.
        var camera: CameraMemory.Note?
        /// Whether the source's pipe comes with the message, and whether its complaints do.
        var hasPipe = false
        var hasComplaints = false
    }

    static let mostBytes = 256 << 10

    var bytes: [UInt8] {
        var writer = WireWriter()
        switch self {
        case .open(let opening):
            writer.put(0)
            writer.put(opening.options)
            writer.put(optional: opening.newestWidest) { $0.put($1) }
            writer.put(opening.keepsHistory)
            writer.put(optional: opening.clipLength) { $0.put($1) }
            writer.put(optional: opening.camera) { $0.put($1) }
            writer.put(opening.hasPipe)
            writer.put(opening.hasComplaints)
        case .look: writer.put(1)
        case .release(let slot):
            writer.put(2)
            writer.put(slot)
        case .clip(let start, let end):
            writer.put(3)
            writer.put(start)
            writer.put(end)
        case .close: writer.put(4)
        }
        return writer.bytes
    }

    init(_ bytes: ArraySlice<UInt8>) throws(WireReader.Malformed) {
        var reader = WireReader(bytes)
        switch try reader.integer() {
        case 0:
            var opening = Opening(
                options: try reader.sourceOptions(),
                newestWidest: try reader.optional { reader throws(WireReader.Malformed) in
                    try reader.count(upTo: 1 << 14)
                },
                keepsHistory: try reader.boolean()
            )
            opening.clipLength = try reader.optional { reader throws(WireReader.Malformed) in try reader.duration() }
            opening.camera = try reader.optional { reader throws(WireReader.Malformed) in try reader.cameraNote() }
            opening.hasPipe = try reader.boolean()
            opening.hasComplaints = try reader.boolean()
            self = .open(opening)
        case 1: self = .look
        case 2: self = .release(slot: try reader.count(upTo: PictureMemory.slotCount - 1))
        case 3: self = .clip(from: try reader.duration(), to: try reader.duration())
        case 4: self = .close
        default: throw WireReader.Malformed()
        }
        try reader.finish()
    }
}
