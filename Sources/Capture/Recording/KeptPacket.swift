internal import CLibAV

/// A copy of a packet, kept for a clip or until its turn.
///
/// The bytes of a V4L2 packet belong to the driver, which needs them back and unmaps them when the device is closed.
/// `@unchecked Sendable`: the copy is written only in `init` and read-only afterwards.
final class KeptPacket: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<AVPacket>

    /// Returns nil if memory has run out.
    init?(_ packet: borrowing Packet) {
        guard let copy = av_packet_alloc() else { return nil }
        guard let data = packet.pointer.pointee.data, av_new_packet(copy, packet.pointer.pointee.size) >= 0,
            av_packet_copy_props(copy, packet.pointer) >= 0
        else {
            var unused: UnsafeMutablePointer<AVPacket>? = copy
            av_packet_free(&unused)
            return nil
        }
        copy.pointee.data.update(from: data, count: Int(packet.pointer.pointee.size))
        pointer = copy
    }

    /// A packet of these bytes. Returns nil if memory has run out.
    init?(bytes: UnsafeBufferPointer<UInt8>, pts: Int64 = LIBAV_NO_PTS, dts: Int64 = LIBAV_NO_PTS, isKey: Bool) {
        guard let start = bytes.baseAddress, let made = av_packet_alloc() else { return nil }
        guard av_new_packet(made, Int32(clamping: bytes.count)) >= 0 else {
            var unused: UnsafeMutablePointer<AVPacket>? = made
            av_packet_free(&unused)
            return nil
        }
        made.pointee.data.update(from: start, count: bytes.count)
        made.pointee.pts = pts
        made.pointee.dts = dts
        if isKey { made.pointee.flags |= AV_PKT_FLAG_KEY }
        pointer = made
    }

    var isKey: Bool { pointer.pointee.flags & AV_PKT_FLAG_KEY != 0 }
    var byteCount: Int { Int(pointer.pointee.size) }

    deinit {
        var pointer: UnsafeMutablePointer<AVPacket>? = pointer
        av_packet_free(&pointer)
    }
}

/// How to interpret a stream's packets: a copy of its codec parameters, and the unit of its time stamps.
/// `@unchecked Sendable`: the copy is written only where it is made and read-only afterwards.
final class KeptParameters: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<AVCodecParameters>
    let timeBase: AVRational

    /// Returns nil if memory has run out.
    convenience init?(of stream: UnsafeMutablePointer<AVStream>) {
        self.init(stream.pointee.codecpar, stream.pointee.time_base)
    }

    private init?(_ parameters: UnsafeMutablePointer<AVCodecParameters>, _ timeBase: AVRational) {
        guard let copy = avcodec_parameters_alloc() else { return nil }
        guard avcodec_parameters_copy(copy, parameters) >= 0 else {
            var unused: UnsafeMutablePointer<AVCodecParameters>? = copy
            avcodec_parameters_free(&unused)
            return nil
        }
        pointer = copy
        self.timeBase = timeBase
    }

    /// With the picture's size, which a live source's description leaves out and a file has to have.
    func completed(by picture: borrowing Picture) -> KeptParameters {
        guard pointer.pointee.width <= 0 || pointer.pointee.height <= 0,
            let copy = KeptParameters(pointer, timeBase)
        else { return self }
        copy.pointer.pointee.width = picture.pointer.pointee.width
        copy.pointer.pointee.height = picture.pointer.pointee.height
        return copy
    }

    deinit {
        var pointer: UnsafeMutablePointer<AVCodecParameters>? = pointer
        avcodec_parameters_free(&pointer)
    }
}
