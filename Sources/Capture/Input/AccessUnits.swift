internal import CLibAV
internal import Glibc
import System

/// Joins the pieces in which RTP carries a picture, by libav's parser for the codec.
///
/// libav's demuxer would do the same, but holds each picture back until the next one begins. This one can be asked for
/// what it has.
final class AccessUnits {
    private var parser: UnsafeMutablePointer<AVCodecParserContext>
    private let context: UnsafeMutablePointer<AVCodecContext>
    /// Whether a picture may be waiting for its end.
    private(set) var holdsPart = false

    /// Returns nil if libav has no parser for the codec.
    init?(_ stream: UnsafeMutablePointer<AVStream>) {
        guard let parser = av_parser_init(Int32(stream.pointee.codecpar.pointee.codec_id.rawValue)) else { return nil }
        guard let context = avcodec_alloc_context3(nil) else {
            av_parser_close(parser)
            return nil
        }
        avcodec_parameters_to_context(context, stream.pointee.codecpar)
        context.pointee.pkt_timebase = stream.pointee.time_base
        self.parser = parser
        self.context = context
    }

    /// Takes a piece and emits the pictures that it completes.
    func take(_ piece: KeptPacket, emit: (KeptPacket) -> Void) {
        let packet = piece.pointer.pointee
        guard var data = packet.data else { return }
        var left = packet.size
        var (pts, dts) = (packet.pts, packet.dts)
        while left > 0 {
            let used = parse(data, left, pts, dts, emit)
            guard used >= 0, used <= left else { return }
            if used == 0, !hasMoved { return }
            data += Int(used)
            left -= used
            (pts, dts) = (LIBAV_NO_PTS, LIBAV_NO_PTS)
        }
        holdsPart = true
    }

    /// Emits the picture that waits for its end.
    func flush(emit: (KeptPacket) -> Void) {
        _ = parse(nil, 0, LIBAV_NO_PTS, LIBAV_NO_PTS, emit)
        holdsPart = false
        // libav's parser still takes itself to be within that picture, and would lose the beginning of the next.
        if let fresh = av_parser_init(Int32(context.pointee.codec_id.rawValue)) {
            av_parser_close(parser)
            parser = fresh
        }
    }

    /// Whether the last call emitted a picture.
    private var hasMoved = false

    private func parse(
        _ data: UnsafeMutablePointer<UInt8>?,
        _ size: Int32,
        _ pts: Int64,
        _ dts: Int64,
        _ emit: (KeptPacket) -> Void
    ) -> Int32 {
        var output: UnsafeMutablePointer<UInt8>?
        var outputSize: Int32 = 0
        // Position 0: with an unknown one, the parser's first picture would lose its time stamp.
        let used = av_parser_parse2(parser, context, &output, &outputSize, data, size, pts, dts, 0)
        hasMoved = outputSize > 0
        if let output, outputSize > 0 {
            let isKey =
                parser.pointee.key_frame == 1
                || parser.pointee.key_frame == -1 && parser.pointee.pict_type == Int32(AV_PICTURE_TYPE_I.rawValue)
            let unit = KeptPacket(
                bytes: UnsafeBufferPointer(start: output, count: Int(outputSize)),
                pts: parser.pointee.pts,
                dts: parser.pointee.dts,
                isKey: isKey
            )
            if let unit { emit(unit) }
        }
        return used
    }

    deinit {
        av_parser_close(parser)
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
    }
}
