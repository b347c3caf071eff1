internal import CLibAV

extension Demuxer {
    /// The orientation that the container declares.
    var orientation: Orientation {
        libav_stream_display_matrix(stream).map { Orientation(displayMatrix: $0) } ?? .upright
    }

    func info(_ orientation: Orientation) -> SourceInfo {
        let parameters = stream.pointee.codecpar.pointee
        let average = Self.rate(stream.pointee.avg_frame_rate)
        let base = Self.rate(stream.pointee.r_frame_rate)
        let isConstant = if let average, let base { abs(average - base) <= 0.01 * base } else { false }
        let format = av_get_pix_fmt_name(AVPixelFormat(rawValue: parameters.format))
        return SourceInfo(
            container: context.pointee.iformat.flatMap { $0.pointee.name }.map { String(cString: $0) } ?? "unknown",
            codec: String(cString: avcodec_get_name(parameters.codec_id)),
            width: Int(parameters.width),
            height: Int(parameters.height),
            frameRate: average ?? base,
            hasConstantFrameRate: isConstant,
            pixelFormat: format.map { String(cString: $0) },
            rotation: orientation.rotation,
            duration: isLive ? nil : duration,
            isLive: isLive
        )
    }

    private var duration: Double? {
        let duration = context.pointee.duration
        return duration != LIBAV_NO_PTS && duration > 0 ? Double(duration) / Double(AV_TIME_BASE) : nil
    }

    private static func rate(_ rational: AVRational) -> Double? {
        rational.num > 0 && rational.den > 0 ? av_q2d(rational) : nil
    }
}
