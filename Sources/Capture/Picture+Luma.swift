internal import CLibAV
internal import Frames
internal import Signals

extension Picture {
    /// Its luma, valid as long as the picture; nil if it lies elsewhere than in the memory, or in a form that is not read.
    /// Of red, green and blue it is green, which is near the luma.
    var luma: LumaPlane? {
        let frame = pointer.pointee
        guard frame.width > 0, frame.height > 0,
            let description = av_pix_fmt_desc_get(AVPixelFormat(rawValue: frame.format))
        else { return nil }
        let flags = Int32(truncatingIfNeeded: description.pointee.flags)
        let unread = AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_BE
        guard flags & unread == 0 else { return nil }
        let isRGB = flags & AV_PIX_FMT_FLAG_RGB != 0 && description.pointee.nb_components >= 3
        let component = isRGB ? description.pointee.comp.1 : description.pointee.comp.0
        guard (8...16).contains(component.depth), component.shift + component.depth <= 16 else { return nil }
        let plane: (UnsafeMutablePointer<UInt8>?, Int32)
        switch component.plane {
        case 0: plane = (frame.data.0, frame.linesize.0)
        case 1: plane = (frame.data.1, frame.linesize.1)
        case 2: plane = (frame.data.2, frame.linesize.2)
        default: plane = (frame.data.3, frame.linesize.3)
        }
        guard let start = plane.0 else { return nil }
        return LumaPlane(
            start: UnsafePointer(start) + Int(component.offset),
            width: Int(frame.width),
            height: Int(frame.height),
            strideBytes: Int(plane.1),
            step: Int(component.step),
            shift: component.depth > 8 ? Int(component.shift + component.depth - 8) : nil
        )
    }
}

extension Orientation {
    /// Turns of a camera as they look in the turned picture.
    func shown(_ measures: CameraMeasures) -> CameraMeasures {
        guard self != .upright else { return measures }
        var (left, right) = (measures[.panLeft], measures[.panRight])
        var (up, down) = (measures[.tiltUp], measures[.tiltDown])
        if transposes { (left, right, up, down) = (up, down, left, right) }
        if flipsHorizontally { swap(&left, &right) }
        if flipsVertically { swap(&up, &down) }
        var shown = measures
        (shown[.panLeft], shown[.panRight], shown[.tiltUp], shown[.tiltDown]) = (left, right, up, down)
        return shown
    }
}
