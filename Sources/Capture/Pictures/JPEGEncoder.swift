internal import CLibAV
internal import Glibc

/// Owns a JPEG encoder of libav for pictures of one size.
struct JPEGEncoder: ~Copyable {
    /// The quality on libav's scale for JPEG, from 2 (best) to 31 (worst).
    private static let quality: Int32 = 5
    private static let place = "a picture as JPEG"

    private let context: UnsafeMutablePointer<AVCodecContext>

    init(width: Int, height: Int) throws(CaptureError) {
        guard let codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG) else {
            throw CaptureError(.unsupported, "cannot encode \(Self.place): this libavcodec has no JPEG encoder")
        }
        guard let made = avcodec_alloc_context3(codec) else { throw .outOfMemory(Self.place) }
        made.pointee.width = Int32(width)
        made.pointee.height = Int32(height)
        made.pointee.pix_fmt = AV_PIX_FMT_YUVJ420P
        made.pointee.time_base = AVRational(num: 1, den: 1)
        made.pointee.flags |= AV_CODEC_FLAG_QSCALE
        made.pointee.global_quality = FF_QP2LAMBDA * Self.quality
        made.pointee.thread_count = 1
        let code = avcodec_open2(made, codec, nil)
        guard code >= 0 else {
            var unused: UnsafeMutablePointer<AVCodecContext>? = made
            avcodec_free_context(&unused)
            throw .libav(code, "encode", Self.place)
        }
        context = made
    }

    /// Encodes a picture of the encoder's size as a complete JPEG file.
    func encode(_ picture: PlanarPicture) throws(CaptureError) -> [UInt8] {
        let frame = try Picture(for: Self.place)
        frame.pointer.pointee.width = Int32(picture.width)
        frame.pointer.pointee.height = Int32(picture.height)
        frame.pointer.pointee.format = AV_PIX_FMT_YUVJ420P.rawValue
        frame.pointer.pointee.quality = FF_QP2LAMBDA * Self.quality
        var code = av_frame_get_buffer(frame.pointer, 0)
        guard code >= 0 else { throw .libav(code, "encode", Self.place) }
        picture.copyPlanes(to: frame)
        code = avcodec_send_frame(context, frame.pointer)
        guard code >= 0 else { throw .libav(code, "encode", Self.place) }
        let packet = try Packet(for: Self.place)
        code = avcodec_receive_packet(context, packet.pointer)
        guard code >= 0, let data = packet.pointer.pointee.data else { throw .libav(code, "encode", Self.place) }
        return Array(UnsafeBufferPointer(start: data, count: Int(packet.pointer.pointee.size)))
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
    }
}

extension PlanarPicture {
    /// Copies the planes into a frame of the same size, whose rows may be longer.
    fileprivate func copyPlanes(to frame: borrowing Picture) {
        let (data, strides) = (frame.pointer.pointee.data, frame.pointer.pointee.linesize)
        let planes = [
            (data.0, Int(strides.0), width, height), (data.1, Int(strides.1), width / 2, height / 2),
            (data.2, Int(strides.2), width / 2, height / 2),
        ]
        bytes.withUnsafeBufferPointer { bytes in
            guard var source = bytes.baseAddress else { return }
            for (plane, strideBytes, width, height) in planes {
                guard let plane else { return }
                for row in 0..<height {
                    memcpy(plane + row * strideBytes, source, width)
                    source += width
                }
            }
        }
    }
}
