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

    /// The most pixels of a picture. No camera has more, and one picture of 16,000 × 16,000 takes over a gigabyte.
    private static let pixelLimit: Int64 = 100_000_000

    init(_ stream: UnsafeMutablePointer<AVStream>, threads: Int, name: String) throws(CaptureError) {
        guard let codec = avcodec_find_decoder(stream.pointee.codecpar.pointee.codec_id) else {
            throw .libav(LIBAV_DECODER_NOT_FOUND, "decode", name)
        }
        guard let context = avcodec_alloc_context3(codec) else { throw .outOfMemory(name) }
        var code = avcodec_parameters_to_context(context, stream.pointee.codecpar)
        if code >= 0 { code = libav_count_lacking(context) }
        if code >= 0 {
            context.pointee.pkt_timebase = stream.pointee.time_base
            context.pointee.thread_count = Int32(clamping: threads)
            context.pointee.max_pixels = Self.pixelLimit
            code = avcodec_open2(context, codec, nil)
        }
        if code < 0 {
            libav_free_decoder(context)
            throw .libav(code, "decode", name)
        }
        self.context = context
        self.name = name
    }

    /// The rate that the coded stream declares, in pictures a second; nil if it does not.
    var declaredRate: Double? {
        let rate = context.pointee.framerate
        guard rate.num > 0, rate.den > 0, case let value = av_q2d(rate), value <= 240 else { return nil }
        return value
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

    /// How many times a picture has referred to one that the decoder does not have.
    var lacking: Int { Int(libav_lacking(context)) }

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

    deinit { libav_free_decoder(context) }
}
