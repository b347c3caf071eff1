internal import CLibAV
internal import Resampling

/// Owns an `SwsContext` that makes small copies of RGB pictures of any size, for people to view.
struct PictureScaler: ~Copyable {
    /// An RGB picture.
    struct Source {
        var pixels: UnsafeMutablePointer<UInt8>
        var width: Int
        var height: Int
        /// The distance between its rows.
        var strideBytes: Int
        /// The width of a pixel as shown, divided by its height.
        var pixelAspect: Double
    }

    private var context: OpaquePointer?

    /// Scales a picture to at most `widest` pixels in width, and to square pixels.
    ///
    /// - Returns: the small copy; nil if libav cannot scale the picture. Recognition goes on without the copy.
    mutating func scale(_ source: Source, widest: Int) -> PlanarPicture? {
        let (width, height) = (source.width, source.height)
        let shown = ResizeGeometry.shown(width, height, source.pixelAspect)
        let size = PlanarPicture.size(of: shown.width, shown.height, widest: widest)
        // This format stands for JPEG's range of levels.
        context = sws_getCachedContext(
            context,
            Int32(width),
            Int32(height),
            AV_PIX_FMT_RGB24,
            Int32(size.width),
            Int32(size.height),
            AV_PIX_FMT_YUVJ420P,
            SWS_AREA,
            nil,
            nil,
            nil
        )
        guard let context else { return nil }
        var picture = PlanarPicture(width: size.width, height: size.height)
        let rows = picture.withPlanes { planes, strides in
            let sources: [UnsafePointer<UInt8>?] = [UnsafePointer(source.pixels), nil, nil, nil]
            return sws_scale(context, sources, [Int32(source.strideBytes), 0, 0, 0], 0, Int32(height), planes, strides)
        }
        return rows == size.height ? picture : nil
    }

    deinit { sws_freeContext(context) }
}
