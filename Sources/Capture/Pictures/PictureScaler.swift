internal import CLibAV

/// Owns an `SwsContext` that makes RGB pictures of any size small, for people to look at.
struct PictureScaler: ~Copyable {
    private var context: OpaquePointer?

    /// Nil where libav does not scale it: people do without a picture then, recognition does not.
    mutating func scale(
        _ source: UnsafeMutablePointer<UInt8>,
        _ width: Int,
        _ height: Int,
        strideBytes: Int,
        widest: Int
    ) -> PlanarPicture? {
        let size = PlanarPicture.size(of: width, height, widest: widest)
        // JPEG's range of levels, which this format stands for.
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
            let sources: [UnsafePointer<UInt8>?] = [UnsafePointer(source), nil, nil, nil]
            return sws_scale(context, sources, [Int32(strideBytes), 0, 0, 0], 0, Int32(height), planes, strides)
        }
        return rows == size.height ? picture : nil
    }

    deinit { sws_freeContext(context) }
}
