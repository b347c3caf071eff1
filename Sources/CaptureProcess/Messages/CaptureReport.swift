import Capture
import Frames
import MediaClock
import ONVIF

/// What a capture process reports. The daemon trusts none of it: an impossible value is an error.
enum CaptureReport {
    /// A sign of life.
    case alive
    /// It is confined, or in part: what is in force, in words.
    case confined(String)
    /// What the connected source is waited for.
    case waiting(String)
    case opened(SourceInfo, holdsVideo: Bool)
    case picture(CapturedPicture)
    case clock(SourceClock, reason: String?)
    case rate(Double)
    /// The source has ended: how much of it was damaged, and why it ended early.
    case ended(damaged: Int, early: CaptureError?)
    case failed(CaptureError)
    case log(LibAVLog.Level, String)
    /// What the camera says of itself, for the source's next process.
    case camera(CameraMemory.Note)

    static let mostBytes = 64 << 10
    private static let mostText = 8 << 10

    var bytes: [UInt8] {
        var writer = WireWriter()
        switch self {
        case .alive: writer.put(0)
        case .confined(let text):
            writer.put(1)
            writer.put(Self.short(text))
        case .waiting(let text):
            writer.put(2)
            writer.put(Self.short(text))
        case .opened(let info, let holdsVideo):
            writer.put(3)
            writer.put(info)
            writer.put(holdsVideo)
        case .picture(let picture):
            writer.put(4)
            writer.put(picture)
        case .clock(let clock, let reason):
            writer.put(5)
            writer.put(clock.rawValue)
            writer.put(optional: reason) { $0.put(Self.short($1)) }
        case .rate(let rate):
            writer.put(6)
            writer.put(rate)
        case .ended(let damaged, let early):
            writer.put(7)
            writer.put(damaged)
            writer.put(optional: early) { $0.put($1) }
        case .failed(let error):
            writer.put(8)
            writer.put(error)
        case .log(let level, let line):
            writer.put(9)
            writer.put(Int(level.rawValue))
            writer.put(Self.short(line))
        case .camera(let note):
            writer.put(10)
            writer.put(note)
        }
        return writer.bytes
    }

    init(_ bytes: ArraySlice<UInt8>) throws(WireReader.Malformed) {
        var reader = WireReader(bytes)
        switch try reader.integer() {
        case 0: self = .alive
        case 1: self = .confined(try reader.line(upTo: Self.mostText))
        case 2: self = .waiting(try reader.line(upTo: Self.mostText))
        case 3: self = .opened(try reader.sourceInfo(), holdsVideo: try reader.boolean())
        case 4: self = .picture(try reader.capturedPicture())
        case 5:
            let clock = try reader.choice(SourceClock.self)
            let reason = try reader.optional { reader throws(WireReader.Malformed) in
                try reader.line(upTo: Self.mostText)
            }
            self = .clock(clock, reason: reason)
        case 6: self = .rate(try reader.number(in: 0...100_000))
        case 7:
            let damaged = try reader.count(upTo: 1 << 60)
            self = .ended(
                damaged: damaged,
                early: try reader.optional { reader throws(WireReader.Malformed) in try reader.captureError() }
            )
        case 8: self = .failed(try reader.captureError())
        case 9:
            guard let level = LibAVLog.Level(rawValue: Int32(truncatingIfNeeded: try reader.integer())) else {
                throw WireReader.Malformed()
            }
            self = .log(level, try reader.line(upTo: Self.mostText))
        case 10: self = .camera(try reader.cameraNote())
        default: throw WireReader.Malformed()
        }
        try reader.finish()
    }

    private static func short(_ text: String) -> String { String(decoding: text.utf8.prefix(4096), as: UTF8.self) }
}

/// A sampled picture in the shared memory, and what is known of it.
struct CapturedPicture: Equatable {
    var slot: Int
    var frame: SampledFrame
    /// On the monotonic clock.
    var takenAt: Duration
    /// The sizes of the small pictures that lie beside it; nil for those that were not asked for.
    var newest: PixelSize?
    var history: PixelSize?
}

struct PixelSize: Equatable {
    var width: Int
    var height: Int
}
