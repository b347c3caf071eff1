internal import CLibAV

extension SourceInfo {
    /// What the stream's description says. A live source's picture size may be unknown until its first picture.
    init(_ stream: UnsafeMutablePointer<AVStream>, container: String, duration: Double?, isLive: Bool) {
        let parameters = stream.pointee.codecpar.pointee
        let average = Self.rate(stream.pointee.avg_frame_rate)
        let base = Self.rate(stream.pointee.r_frame_rate)
        let isConstant = if let average, let base { abs(average - base) <= 0.01 * base } else { false }
        self.init(
            container: container,
            codec: String(cString: avcodec_get_name(parameters.codec_id)),
            width: Int(parameters.width),
            height: Int(parameters.height),
            frameRate: average ?? base,
            hasConstantFrameRate: isConstant,
            pixelFormat: Self.pixelFormat(parameters.format),
            rotation: Orientation(of: stream).rotation,
            aspect: 1,
            isInterlaced: false,
            duration: isLive ? nil : duration,
            isLive: isLive
        )
    }

    /// Completes the description by the first picture.
    mutating func complete(by picture: borrowing Picture, declaredRate: Double?) {
        let frame = picture.pointer.pointee
        (width, height) = (Int(frame.width), Int(frame.height))
        pixelFormat = Self.pixelFormat(frame.format) ?? pixelFormat
        frameRate = frameRate ?? declaredRate
        isInterlaced = picture.isInterlaced
        aspect = picture.pixelAspect
    }

    private static func pixelFormat(_ format: Int32) -> String? {
        av_get_pix_fmt_name(AVPixelFormat(rawValue: format)).map { String(cString: $0) }
    }

    private static func rate(_ rational: AVRational) -> Double? {
        rational.num > 0 && rational.den > 0 ? av_q2d(rational) : nil
    }
}

extension Orientation {
    /// The orientation that the container declares.
    init(of stream: UnsafeMutablePointer<AVStream>) {
        self = libav_stream_display_matrix(stream).map { Orientation(displayMatrix: $0) } ?? .upright
    }
}
