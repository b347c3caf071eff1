internal import CLibAV

/// What a clip can be cut from.
package protocol ClipSource: Sendable {
    /// Writes the packets that arrived between two times on the monotonic clock into an empty file, as MP4.
    ///
    /// - Parameters:
    ///   - file: open for reading and writing; it stays the caller's.
    ///   - place: the file's name for messages.
    /// - Returns: false if no packet of that time is kept.
    /// - Throws: `CaptureError`.
    func writeClip(from start: Duration, to end: Duration, into file: Int32, place: String) throws(CaptureError) -> Bool
}

/// Packets cut from a source, to be written as a file. They are remuxed, not encoded again.
package struct PacketClip: Sendable {
    let parameters: KeptParameters
    /// The first is a key frame.
    let packets: [KeptPacket]

    /// Writes an MP4 file that begins at time 0 and can be played while it loads.
    ///
    /// - Parameters:
    ///   - descriptor: an empty file, open for reading and writing.
    ///   - place: the file's name for messages.
    /// - Throws: `CaptureError` if MP4 does not support this kind of video, such as a camera's raw pictures, or if the
    ///   file cannot be written.
    func write(to descriptor: Int32, place: String) throws(CaptureError) {
        let file = try MovieFile(descriptor, place, parameters)
        let scratch = try Packet(for: place)
        for packet in packets { try file.add(packet, through: scratch) }
        try file.finish()
    }
}

/// Owns the `AVFormatContext` of an MP4 file being written.
private final class MovieFile {
    private let context: UnsafeMutablePointer<AVFormatContext>
    private let stream: UnsafeMutablePointer<AVStream>
    private let timeBase: AVRational
    private let path: String
    private var start: Int64?
    private var last = Int64.min

    init(_ descriptor: Int32, _ path: String, _ parameters: KeptParameters) throws(CaptureError) {
        self.path = path
        timeBase = parameters.timeBase
        var made: UnsafeMutablePointer<AVFormatContext>?
        var code = avformat_alloc_output_context2(&made, nil, "mp4", nil)
        guard code >= 0, let made else { throw .libav(code, "write", path) }
        context = made
        guard let stream = avformat_new_stream(made, nil) else {
            avformat_free_context(made)
            throw .outOfMemory(path)
        }
        self.stream = stream
        code = avcodec_parameters_copy(stream.pointee.codecpar, parameters.pointer)
        // The tag belongs to the source's container; MP4 chooses its own.
        stream.pointee.codecpar.pointee.codec_tag = 0
        stream.pointee.time_base = parameters.timeBase
        if code >= 0 { code = libav_use_file(made, descriptor) }
        var options = OptionDictionary()
        options.set("movflags", "+faststart")
        if code >= 0 { code = options.with { avformat_write_header(made, $0) } }
        guard code >= 0 else { throw .libav(code, "write", path) }
    }

    func add(_ packet: KeptPacket, through scratch: borrowing Packet) throws(CaptureError) {
        scratch.clear()
        var code = av_packet_ref(scratch.pointer, packet.pointer)
        guard code >= 0 else { throw .libav(code, "write", path) }
        let shown = scratch.pointer.pointee.pts
        let read = scratch.pointer.pointee.dts
        // A packet without a time stamp has no place in the file.
        guard let first = [read, shown].first(where: { $0 != LIBAV_NO_PTS }) else { return }
        let start = start ?? first
        self.start = start
        // MP4 requires rising time stamps. A camera that repeats one must not cost the clip.
        let (decoded, isOverflow) = first.subtractingReportingOverflow(start)
        guard !isOverflow, last < .max else { return }
        let rising = max(decoded, last == .min ? decoded : last + 1)
        // A live packet has no duration, and the last picture of a file is shown for as long as its packet lasts.
        if scratch.pointer.pointee.duration <= 0 {
            scratch.pointer.pointee.duration = last == .min ? 1 : max(1, rising &- last)
        }
        last = rising
        scratch.pointer.pointee.dts = rising
        scratch.pointer.pointee.pts = shown == LIBAV_NO_PTS ? rising : max(rising, shown &- start)
        scratch.pointer.pointee.stream_index = 0
        scratch.pointer.pointee.pos = -1
        av_packet_rescale_ts(scratch.pointer, timeBase, stream.pointee.time_base)
        code = av_write_frame(context, scratch.pointer)
        guard code >= 0 else { throw .libav(code, "write", path) }
    }

    func finish() throws(CaptureError) {
        let code = av_write_trailer(context)
        guard code >= 0 else { throw .libav(code, "write", path) }
        let closed = libav_release_file(context)
        guard closed >= 0 else { throw .libav(closed, "write", path) }
    }

    deinit {
        _ = libav_release_file(context)
        avformat_free_context(context)
    }
}
