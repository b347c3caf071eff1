internal import CLibAV
internal import Frames

/// Turns a decoded picture into the model's input.
///
/// The steps are colour conversion at full size, rotation, the stream's masks and crop, resize, and the model's crop. A
/// small copy of the masked and cropped picture goes to each tap that wants one. Tables and buffers are kept per
/// geometry, so pictures of one size need no allocation except for those copies.
struct InputPainter: ~Copyable {
    /// The red, green and blue level of masked pixels: grey, which is near the mean that the model subtracts.
    static let maskLevel: UInt8 = 128

    private let transform: InputTransform
    private let crop: Region?
    private let masks: [Region]
    /// The container's orientation. A picture's own orientation takes precedence.
    private let streamOrientation: Orientation
    private var converter: ColourConverter
    private var resampler: Resampler?
    private var turned = PixelBuffer()
    private let newest: PictureTap?
    private let history: PictureHistory?
    private var newestScaler = PictureScaler()
    private var historyScaler = PictureScaler()

    init(_ options: SourceOptions, orientation: Orientation, name: String, taps: SourceTaps) {
        newest = taps.newest
        history = taps.history
        transform = options.transform
        crop = options.crop
        masks = options.masks
        streamOrientation = orientation
        converter = ColourConverter(name: name)
    }

    /// Paints one picture.
    ///
    /// - Parameters:
    ///   - picture: the decoded picture.
    ///   - output: receives `transform.byteCount` bytes: rows of R, G, B.
    mutating func paint(
        _ picture: borrowing Picture,
        into output: UnsafeMutablePointer<UInt8>
    ) throws(CaptureError) {
        var (source, strideBytes) = try converter.convert(picture)
        let (width, height) = (Int(picture.pointer.pointee.width), Int(picture.pointer.pointee.height))
        let orientation = Self.orientation(of: picture) ?? streamOrientation
        var (shownWidth, shownHeight) = (width, height)
        if orientation != .upright {
            if orientation.transposes { (shownWidth, shownHeight) = (height, width) }
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
        let (seenWidth, seenHeight) = (shownWidth, shownHeight)
        if let newest, newest.isWanted {
            let widest = newest.widest
            let small = newestScaler.scale(source, seenWidth, seenHeight, strideBytes: strideBytes, widest: widest)
            if let small { newest.put(small) }
        }
        if let history {
            let widest = PictureHistory.widest
            let small = historyScaler.scale(source, seenWidth, seenHeight, strideBytes: strideBytes, widest: widest)
            if let small { history.put(small) }
        }
        let geometry = (resampler?.geometry).flatMap {
            $0.sourceWidth == shownWidth && $0.sourceHeight == shownHeight ? $0 : nil
        }
        if geometry == nil {
            let fresh = ResizeGeometry(sourceWidth: shownWidth, sourceHeight: shownHeight, transform: transform)
            resampler = Resampler(geometry: fresh, transform: transform)
        }
        resampler?.resample(source, strideBytes: strideBytes, into: output)
    }

    private static func orientation(of picture: borrowing Picture) -> Orientation? {
        guard let data = av_frame_get_side_data(picture.pointer, AV_FRAME_DATA_DISPLAYMATRIX)?.pointee,
            data.size >= 9 * MemoryLayout<Int32>.size
        else { return nil }
        return data.data.withMemoryRebound(to: Int32.self, capacity: 9) { Orientation(displayMatrix: $0) }
    }
}
