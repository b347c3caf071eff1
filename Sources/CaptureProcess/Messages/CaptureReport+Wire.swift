import Capture
import Frames
import ONVIF
import Text

extension WireWriter {
    mutating func put(_ error: CaptureError) {
        put(error.code.rawValue)
        put(String(decoding: error.message.utf8.prefix(4096), as: UTF8.self))
        put(optional: error.libavCode) { $0.put(Int($1)) }
    }

    mutating func put(_ note: CameraMemory.Note) {
        for text in [note.endpoint, note.service] { put(optional: text) { $0.put($1) } }
    }

    mutating func put(_ info: SourceInfo) {
        for text in [info.container, info.codec] { put(text) }
        for number in [info.width, info.height, info.rotation] { put(number) }
        put(optional: info.frameRate) { $0.put($1) }
        put(info.hasConstantFrameRate)
        put(optional: info.pixelFormat) { $0.put($1) }
        put(info.aspect)
        put(info.isInterlaced)
        put(optional: info.duration) { $0.put($1) }
        put(info.isLive)
    }

    mutating func put(_ picture: CapturedPicture) {
        put(picture.slot)
        put(picture.frame.time)
        put(picture.frame.ticks.lowerBound)
        put(picture.frame.ticks.upperBound)
        switch picture.frame.parts {
        case .one: put(1)
        case .across(let count): put(count)
        case .down(let count): put(-count)
        }
        put(optional: picture.frame.measures) { writer, measures in
            for value in [
                measures.light, measures.contrast, measures.colour, measures.likeness, measures.noise,
                measures.unchanged, measures.damage,
            ] { writer.put(value) }
            for trouble in CameraTrouble.allCases { writer.put(measures.camera[trouble]) }
            writer.put(measures.camera.isCut)
        }
        put(picture.takenAt)
        for size in [picture.newest, picture.history] {
            put(optional: size) {
                $0.put($1.width)
                $0.put($1.height)
            }
        }
    }
}

extension WireReader {
    /// Text of one line: it goes into logs and events.
    mutating func line(upTo limit: Int) throws(Malformed) -> String { try text(upTo: limit).singleLine }

    mutating func captureError() throws(Malformed) -> CaptureError {
        let code = try choice(CaptureError.Code.self)
        let message = try text(upTo: 8 << 10)
        let libavCode = try optional { reader throws(Malformed) in Int32(truncatingIfNeeded: try reader.integer()) }
        return CaptureError(code, message, libavCode: libavCode)
    }

    mutating func cameraNote() throws(Malformed) -> CameraMemory.Note {
        let endpoint = try optional { reader throws(Malformed) in try reader.line(upTo: 1024) }
        let service = try optional { reader throws(Malformed) in try reader.line(upTo: 4096) }
        return CameraMemory.Note(endpoint: endpoint, service: service)
    }

    mutating func sourceInfo() throws(Malformed) -> SourceInfo {
        let (container, codec) = (try line(upTo: 256), try line(upTo: 256))
        let (width, height) = (try count(upTo: 1 << 20), try count(upTo: 1 << 20))
        let rotation = try integer()
        guard [0, 90, 180, 270].contains(rotation) else { throw Malformed() }
        // A quotient of libav's integers, and a count of its microseconds: a damaged file may declare the largest.
        let rate = try optional { reader throws(Malformed) in try reader.number(in: 0...1e10) }
        let isConstant = try boolean()
        let format = try optional { reader throws(Malformed) in try reader.line(upTo: 256) }
        let aspect = try number(in: 0.1...10)
        let isInterlaced = try boolean()
        let duration = try optional { reader throws(Malformed) in try reader.number(in: 0...1e13) }
        return SourceInfo(
            container: container,
            codec: codec,
            width: width,
            height: height,
            frameRate: rate,
            hasConstantFrameRate: isConstant,
            pixelFormat: format,
            rotation: rotation,
            aspect: aspect,
            isInterlaced: isInterlaced,
            duration: duration,
            isLive: try boolean()
        )
    }

    mutating func capturedPicture() throws(Malformed) -> CapturedPicture {
        let slot = try count(upTo: PictureMemory.slotCount - 1)
        let time = try number()
        // The grid has fewer.
        let first = try count(upTo: 1 << 50)
        let end = try count(upTo: 1 << 50)
        guard first < end else { throw Malformed() }
        let count = try integer()
        let parts: PictureParts
        switch count {
        case 1: parts = .one
        case 2...PictureParts.most: parts = .across(count)
        case -PictureParts.most ... -2: parts = .down(-count)
        default: throw Malformed()
        }
        let measures = try optional { reader throws(Malformed) in
            var measures = PictureMeasures()
            measures.light = try reader.measure()
            measures.contrast = try reader.measure()
            measures.colour = try reader.measure()
            measures.likeness = try reader.measure()
            measures.noise = try reader.measure()
            measures.unchanged = try reader.measure()
            measures.damage = try reader.measure()
            for trouble in CameraTrouble.allCases { measures.camera[trouble] = try reader.measure() }
            measures.camera.isCut = try reader.boolean()
            return measures
        }
        let frame = SampledFrame(time: time, ticks: first..<end, parts: parts, measures: measures)
        let takenAt = try duration()
        let newest = try optional { reader throws(Malformed) in try reader.pixelSize() }
        let history = try optional { reader throws(Malformed) in try reader.pixelSize() }
        return CapturedPicture(slot: slot, frame: frame, takenAt: takenAt, newest: newest, history: history)
    }

    /// Far beyond any level or share, and a number still when it is reckoned with.
    private mutating func measure() throws(Malformed) -> Float { Float(try number(in: -1e6...1e6)) }

    private mutating func pixelSize() throws(Malformed) -> PixelSize {
        PixelSize(width: try count(upTo: 1 << 16), height: try count(upTo: 1 << 16))
    }
}
