internal import CLibAV

/// A packet as the demuxer gave it, kept for a clip; its bytes are shared with the demuxer, not copied.
///
/// Sendable: nothing writes to the packet after `init`, and libav counts the references to its bytes atomically.
final class KeptPacket: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<AVPacket>

    /// Nil where there is no memory for it.
    init?(_ packet: borrowing Packet) {
        guard let clone = av_packet_clone(packet.pointer) else { return nil }
        pointer = clone
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
/// Sendable: nothing writes to the parameters after `init`.
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
