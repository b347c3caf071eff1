internal import CLibAV

/// A copy of a packet, kept for a clip.
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

    var isKey: Bool { pointer.pointee.flags & AV_PKT_FLAG_KEY != 0 }
    var byteCount: Int { Int(pointer.pointee.size) }

    deinit {
        var pointer: UnsafeMutablePointer<AVPacket>? = pointer
        av_packet_free(&pointer)
    }
}

/// How to interpret a stream's packets: a copy of its codec parameters, and the unit of its time stamps.
/// `@unchecked Sendable`: the copy is written only in `init` and read-only afterwards.
final class KeptParameters: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<AVCodecParameters>
    let timeBase: AVRational

    /// Returns nil if memory has run out.
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
