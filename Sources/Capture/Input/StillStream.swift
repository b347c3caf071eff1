internal import CLibAV
internal import Glibc
import System

/// The description of a video stream whose packets are still pictures, as libav would give it.
final class StillStream {
    let context: UnsafeMutablePointer<AVFormatContext>
    let stream: UnsafeMutablePointer<AVStream>

    /// - Parameters:
    ///   - picture: the first picture; its first bytes tell its format.
    ///   - name: the source's name for messages.
    init(of picture: [UInt8], name: String) throws(CaptureError) {
        guard let codec = Self.codec(of: picture) else {
            throw CaptureError(.unreadable, "cannot decode \(name): its pictures are neither JPEG nor PNG")
        }
        guard let context = avformat_alloc_context() else { throw .outOfMemory(name) }
        guard let stream = avformat_new_stream(context, nil) else {
            avformat_free_context(context)
            throw .outOfMemory(name)
        }
        // See `Packet.hold`.
        stream.pointee.time_base = AVRational(num: 1, den: 1000)
        stream.pointee.codecpar.pointee.codec_type = AVMEDIA_TYPE_VIDEO
        stream.pointee.codecpar.pointee.codec_id = codec
        self.context = context
        self.stream = stream
    }

    private static func codec(of picture: [UInt8]) -> AVCodecID? {
        if picture.starts(with: [0xFF, 0xD8]) { return AV_CODEC_ID_MJPEG }
        if picture.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return AV_CODEC_ID_PNG }
        return nil
    }

    deinit { avformat_free_context(context) }
}

extension Packet {
    /// Makes this packet one still picture, which has no time but that of its arrival.
    func hold(_ picture: [UInt8], name: String) throws(CaptureError) {
        let time = MonotonicTime.now.milliseconds
        let kept = picture.withUnsafeBufferPointer { KeptPacket(bytes: $0, pts: time, dts: time, isKey: true) }
        guard let kept else { throw .outOfMemory(name) }
        share(kept)
    }
}
