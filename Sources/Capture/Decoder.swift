internal import CLibAV
internal import Glibc

/// Owns an `AVCodecContext`: packets in, pictures out.
struct Decoder: ~Copyable {
    enum Result {
        case picture, needsPacket, end
        /// What was given does not decode; the next may.
        case corrupt
    }

    private let context: UnsafeMutablePointer<AVCodecContext>
    private let name: String

    init(_ demuxer: borrowing Demuxer, threads: Int, name: String) throws(CaptureError) {
        guard let context = avcodec_alloc_context3(demuxer.codec) else { throw .outOfMemory(name) }
        var code = avcodec_parameters_to_context(context, demuxer.stream.pointee.codecpar)
        if code >= 0 {
            context.pointee.pkt_timebase = demuxer.stream.pointee.time_base
            context.pointee.thread_count = Int32(clamping: threads)
            code = avcodec_open2(context, demuxer.codec, nil)
        }
        if code < 0 {
            var failed: UnsafeMutablePointer<AVCodecContext>? = context
            avcodec_free_context(&failed)
            throw .libav(code, "decode", name)
        }
        self.context = context
        self.name = name
    }

    /// Hands over a packet; false where the decoder can make nothing of it. Only after `receive` asked for one.
    /// `skipsNonReference` allows leaving the picture out where no other needs it.
    func send(_ packet: borrowing Packet, skipsNonReference: Bool) throws(CaptureError) -> Bool {
        context.pointee.skip_frame = skipsNonReference ? AVDISCARD_NONREF : AVDISCARD_DEFAULT
        return try accepted(avcodec_send_packet(context, packet.pointer))
    }

    /// No more packets come: the pictures still inside follow.
    func drain() throws(CaptureError) { _ = try accepted(avcodec_send_packet(context, nil)) }

    /// The next picture, into `picture`.
    func receive(into picture: borrowing Picture) throws(CaptureError) -> Result {
        let code = avcodec_receive_frame(context, picture.pointer)
        switch code {
        case 0...: return .picture
        case libav_error(EAGAIN): return .needsPacket
        case LIBAV_EOF: return .end
        default: return try accepted(code) ? .needsPacket : .corrupt
        }
    }

    /// Lets all go that it was given and has not made into pictures.
    func forget() { avcodec_flush_buffers(context) }

    /// Whatever a decoder says of one packet concerns that packet alone, unless memory is out.
    private func accepted(_ code: Int32) throws(CaptureError) -> Bool {
        if code == libav_error(ENOMEM) { throw .libav(code, "decode", name) }
        return code >= 0
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
    }
}
