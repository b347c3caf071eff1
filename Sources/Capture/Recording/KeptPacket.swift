internal import CLibAV

/// A packet as the demuxer gave it, kept for a clip. A copy: the bytes of a V4L2 packet are the driver's, which wants them
/// back, and unmaps them when the device is closed.
///
/// `@unchecked Sendable`: nothing writes to the packet after `init`, and libav counts references atomically.
final class KeptPacket: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<AVPacket>

    /// Nil where there is no memory for it.
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

    var isKey: Bool { pointer.pointee.flags & AV_PKT_FLAG_KEY != 0 }
    var byteCount: Int { Int(pointer.pointee.size) }

    deinit {
        var pointer: UnsafeMutablePointer<AVPacket>? = pointer
        av_packet_free(&pointer)
    }
}

/// How a stream's packets are to be understood: a copy of its codec parameters, and the unit of its time stamps.
///
/// `@unchecked Sendable`: nothing writes to the parameters after `init`.
final class KeptParameters: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<AVCodecParameters>
    let timeBase: AVRational

    /// Nil where there is no memory for it.
    init?(of stream: UnsafeMutablePointer<AVStream>) {
        guard let copy = avcodec_parameters_alloc() else { return nil }
        guard avcodec_parameters_copy(copy, stream.pointee.codecpar) >= 0 else {
            var unused: UnsafeMutablePointer<AVCodecParameters>? = copy
            avcodec_parameters_free(&unused)
            return nil
        }
        pointer = copy
        timeBase = stream.pointee.time_base
    }

    deinit {
        var pointer: UnsafeMutablePointer<AVCodecParameters>? = pointer
        avcodec_parameters_free(&pointer)
    }
}
