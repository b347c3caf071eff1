internal import CLibAV
internal import Resampling

/// Owns an `SwsContext` that converts decoded pictures to RGB at full size.
///
/// It converts as ffmpeg's scale filter does by default: bicubic, without "accurate rounding". A change of the
/// picture's size, format, matrix or range configures the context again.
struct ColourConverter: ~Copyable {
    private struct Key: Equatable {
        var width: Int32
        var height: Int32
        var format: Int32
        var matrix: AVColorSpace
        var range: AVColorRange
    }

    private var key: Key?
    private var context: OpaquePointer?
    private var pixels = PixelBuffer()
    private let name: String

    init(name: String) {
        self.name = name
    }

    /// A picture as RGB bytes, valid until the next conversion.
    struct Converted {
        var pixels: UnsafeMutablePointer<UInt8>
        var width: Int
        var height: Int
        var strideBytes: Int
    }

    /// Converts a picture to RGB.
    ///
    /// - Parameters:
    ///   - picture: the decoded picture.
    ///   - takesField: takes every other line only: the first of its two fields.
    mutating func convert(_ picture: borrowing Picture, takesField: Bool) throws(CaptureError) -> Converted {
        let frame = picture.pointer
        let step: Int32 = takesField ? 2 : 1
        let wanted = Key(
            width: frame.pointee.width,
            height: frame.pointee.height / step,
            format: frame.pointee.format,
            matrix: frame.pointee.colorspace,
            range: frame.pointee.color_range
        )
        let strideBytes = (Int(wanted.width) * 3 + 63) / 64 * 64
        if key != wanted {
            key = nil
            try configure(wanted)
            pixels.reserve(strideBytes * Int(wanted.height))
            key = wanted
        }
        var outputs: (UnsafeMutablePointer<UInt8>?, Int, Int, Int) = (pixels.pointer, 0, 0, 0)
        var strides: (Int32, Int32, Int32, Int32) = (Int32(strideBytes), 0, 0, 0)
        let lines = frame.pointee.linesize
        var inputStrides = (lines.0 * step, lines.1 * step, lines.2 * step, lines.3 * step)
        let rows = withUnsafePointer(to: &frame.pointee.data) { data in
            withUnsafePointer(to: &inputStrides) { linesize in
                withUnsafePointer(to: &outputs) { outputs in
                    withUnsafePointer(to: &strides) { strides in
                        sws_scale(
                            context,
                            UnsafeRawPointer(data).assumingMemoryBound(to: UnsafePointer<UInt8>?.self),
                            UnsafeRawPointer(linesize).assumingMemoryBound(to: Int32.self),
                            0,
                            wanted.height,
                            UnsafeRawPointer(outputs).assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self),
                            UnsafeRawPointer(strides).assumingMemoryBound(to: Int32.self)
                        )
                    }
                }
            }
        }
        guard rows == wanted.height else { throw .libav(min(rows, LIBAV_INVALID_DATA), "convert", name) }
        return Converted(
            pixels: pixels.pointer,
            width: Int(wanted.width),
            height: Int(wanted.height),
            strideBytes: strideBytes
        )
    }

    private mutating func configure(_ wanted: Key) throws(CaptureError) {
        sws_freeContext(context)
        context = nil
        let format = AVPixelFormat(rawValue: wanted.format)
        guard wanted.width > 0, wanted.height > 0, sws_isSupportedInput(format) != 0 else {
            let name = av_get_pix_fmt_name(format).map { String(cString: $0) } ?? "unknown"
            throw CaptureError(.unsupported, "cannot convert \(self.name): pixel format \(name) is not supported")
        }
        guard let made = sws_alloc_context() else { throw .outOfMemory(name) }
        context = made
        let object = UnsafeMutableRawPointer(made)
        let settings: [(String, Int64)] = [
            ("srcw", Int64(wanted.width)), ("srch", Int64(wanted.height)), ("src_format", Int64(wanted.format)),
            ("dstw", Int64(wanted.width)), ("dsth", Int64(wanted.height)),
            ("dst_format", Int64(AV_PIX_FMT_RGB24.rawValue)),
            ("sws_flags", Int64(SWS_BICUBIC)),
            // MPEG-2's chroma siting, the convention for 4:2:0.
            ("src_v_chr_pos", format == AV_PIX_FMT_YUV420P ? 128 : -513),
        ]
        for (option, value) in settings { av_opt_set_int(object, option, value, 0) }
        let code = sws_init_context(made, nil, nil)
        if code < 0 { throw .libav(code, "convert", name) }
        setColours(made, wanted)
    }

    /// Sets the matrix and range that the stream declares. An undeclared matrix is BT.601; an undeclared range is the
    /// format's own.
    private func setColours(_ context: OpaquePointer, _ wanted: Key) {
        var inputTable: UnsafeMutablePointer<Int32>?
        var outputTable: UnsafeMutablePointer<Int32>?
        var (inputRange, outputRange): (Int32, Int32) = (0, 0)
        var (brightness, contrast, saturation): (Int32, Int32, Int32) = (0, 0, 0)
        let answered = sws_getColorspaceDetails(
            context,
            &inputTable,
            &inputRange,
            &outputTable,
            &outputRange,
            &brightness,
            &contrast,
            &saturation
        )
        guard answered >= 0 else { return }
        if wanted.range != AVCOL_RANGE_UNSPECIFIED { inputRange = wanted.range == AVCOL_RANGE_JPEG ? 1 : 0 }
        let known = (1...10).contains(wanted.matrix.rawValue) && wanted.matrix != AVCOL_SPC_YCGCO
        let table = sws_getCoefficients(Int32(known ? wanted.matrix.rawValue : AVCOL_SPC_BT470BG.rawValue))
        sws_setColorspaceDetails(
            context,
            table,
            inputRange,
            table,
            outputRange,
            brightness,
            contrast,
            saturation
        )
    }

    deinit { sws_freeContext(context) }
}
