internal import CLibAV
internal import Glibc

/// Owns an `AVCodecContext`: packets in, pictures out.
struct Decoder: ~Copyable {
    enum Result {
        case picture, needsPacket, end
        /// The packet does not decode; the next one may.
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

    /// Sends a packet to the decoder. Call it only after `receive` returned `.needsPacket`.
    ///
    /// - Parameters:
    ///   - packet: the packet; the decoder keeps its own reference.
    ///   - skipsNonReference: lets the decoder skip the picture if no other picture needs it.
    /// - Returns: false if the packet does not decode.
    func send(_ packet: borrowing Packet, skipsNonReference: Bool) throws(CaptureError) -> Bool {
        context.pointee.skip_frame = skipsNonReference ? AVDISCARD_NONREF : AVDISCARD_DEFAULT
        return try accepted(avcodec_send_packet(context, packet.pointer))
    }

    /// Signals the end of the packets; `receive` then returns the pictures still in the decoder.
    func drain() throws(CaptureError) { _ = try accepted(avcodec_send_packet(context, nil)) }

    /// Moves the next picture into `picture`.
    func receive(into picture: borrowing Picture) throws(CaptureError) -> Result {
        let code = avcodec_receive_frame(context, picture.pointer)
        switch code {
        case 0...: return .picture
        case libav_error(EAGAIN): return .needsPacket
        case LIBAV_EOF: return .end
        default: return try accepted(code) ? .needsPacket : .corrupt
        }
    }

    /// Releases every packet that has not become a picture yet.
    func forget() { avcodec_flush_buffers(context) }

    /// A decoder's error concerns one packet alone, unless memory has run out.
    private func accepted(_ code: Int32) throws(CaptureError) -> Bool {
        if code == libav_error(ENOMEM) { throw .libav(code, "decode", name) }
        return code >= 0
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
    }
}
