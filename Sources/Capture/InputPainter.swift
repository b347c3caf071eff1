internal import CLibAV
internal import Frames
internal import Resampling
internal import Signals

/// Turns a decoded picture into the model's input.
///
/// The steps are colour conversion at full size, rotation, the stream's masks and crop, resize to square pixels, and the
/// model's crop, for each part of the picture that the view shows. Of an interlaced picture one field is taken: what moves between the two would show as a comb. A small copy of the masked and cropped picture goes to each tap that wants one. Tables and buffers are kept per
/// geometry, so pictures of one size need no allocation except for those copies.
struct InputPainter: ~Copyable {
    /// The red, green and blue level of masked pixels: grey, which is near the mean that the model subtracts.
    static let maskLevel: UInt8 = 128

    private let transform: InputTransform
    private let view: PictureView
    private let crop: Region?
    private let masks: [Region]
    private let correctsShape: Bool
    /// The container's orientation. A picture's own orientation takes precedence.
    private let streamOrientation: Orientation
    private var converter: ColourConverter
    private var resampler: Resampler?
    private var turned = PixelBuffer()
    private var meter = PictureMeter()
    /// What the signal of the last picture measured; nil if it was too small.
    private(set) var measures: PictureMeasures?
    /// How the last picture was turned.
    private(set) var orientation = Orientation.upright
    private let newest: PictureTap?
    private let history: PictureHistory?
    private var newestScaler = PictureScaler()
    private var historyScaler = PictureScaler()

    init(_ options: SourceOptions, orientation: Orientation, name: String, taps: SourceTaps) {
        newest = taps.newest
        history = taps.history
        transform = options.transform
        view = options.view
        crop = options.crop
        masks = options.masks
        correctsShape = options.correctsShape
        streamOrientation = orientation
        converter = ColourConverter(name: name)
    }

    /// Paints one picture.
    ///
    /// - Parameters:
    ///   - picture: the decoded picture.
    ///   - time: when it was taken, on the monotonic clock.
    ///   - output: receives `transform.byteCount` bytes for each part: rows of R, G, B.
    /// - Returns: the parts.
    mutating func paint(
        _ picture: borrowing Picture,
        takenAt time: Duration,
        into output: UnsafeMutablePointer<UInt8>
    ) throws(CaptureError) -> PictureParts {
        let takesField = correctsShape && picture.isInterlaced && picture.pointer.pointee.height >= 4
        let converted = try converter.convert(picture, takesField: takesField)
        measures = meter.measure(
            converted.pixels,
            width: converted.width,
            height: converted.height,
            strideBytes: converted.strideBytes
        )
        var (source, strideBytes) = (converted.pixels, converted.strideBytes)
        // Each line of a field stands for two.
        var aspect = (correctsShape ? picture.pixelAspect : 1) * (takesField ? 0.5 : 1)
        orientation = Self.orientation(of: picture) ?? streamOrientation
        var (shownWidth, shownHeight) = (converted.width, converted.height)
        if orientation != .upright {
            let (width, height) = (converted.width, converted.height)
            if orientation.transposes { (shownWidth, shownHeight, aspect) = (height, width, 1 / aspect) }
            turned.reserve(width * height * 3)
            orientation.turn(source, width: width, height: height, strideBytes: strideBytes, into: turned.pointer)
            (source, strideBytes) = (turned.pointer, shownWidth * 3)
        }
        for mask in masks {
            let covered = mask.touchedPixels(width: shownWidth, height: shownHeight)
            for row in covered.rows {
                let start = source + row * strideBytes + covered.columns.lowerBound * 3
                start.update(repeating: Self.maskLevel, count: covered.columns.count * 3)
            }
        }
        if let crop {
            let shown = crop.nearestPixels(width: shownWidth, height: shownHeight)
            source += shown.rows.lowerBound * strideBytes + shown.columns.lowerBound * 3
            (shownWidth, shownHeight) = (shown.columns.count, shown.rows.count)
        }
        let seen = PictureScaler.Source(
            pixels: source,
            width: shownWidth,
            height: shownHeight,
            strideBytes: strideBytes,
            pixelAspect: aspect
        )
        if let newest, newest.isWanted {
            if let small = newestScaler.scale(seen, widest: newest.widest) { newest.put(small) }
        }
        if let history {
            let small = historyScaler.scale(seen, widest: PictureHistory.widest)
            if let small { history.put(small, takenAt: time) }
        }
        let parts = ViewGeometry(
            width: shownWidth,
            height: shownHeight,
            pixelAspect: aspect,
            view: view,
            transform: transform
        )
        if resampler?.geometry != parts.resize {
            resampler = Resampler(geometry: parts.resize, transform: parts.transform)
        }
        for index in 0..<parts.parts.count {
            let part = parts.pixels(ofPart: index)
            let start = source + part.rows.lowerBound * strideBytes + part.columns.lowerBound * 3
            resampler?.resample(start, strideBytes: strideBytes, into: output + index * transform.byteCount)
        }
        return parts.parts
    }

    private static func orientation(of picture: borrowing Picture) -> Orientation? {
        guard let data = av_frame_get_side_data(picture.pointer, AV_FRAME_DATA_DISPLAYMATRIX)?.pointee,
            data.size >= 9 * MemoryLayout<Int32>.size
        else { return nil }
        return data.data.withMemoryRebound(to: Int32.self, capacity: 9) { Orientation(displayMatrix: $0) }
    }
}
