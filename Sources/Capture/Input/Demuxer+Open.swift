internal import CLibAV
internal import Glibc
import Synchronization
import System

extension Demuxer {
    /// A source whose container has been recognised.
    struct Opened {
        var context: UnsafeMutablePointer<AVFormatContext>
        var isLive: Bool
    }

    /// A source whose video stream has been chosen.
    struct Found {
        var opened: Opened
        var stream: UnsafeMutablePointer<AVStream>
        var early: [KeptPacket] = []
    }

    /// How long a live source may send packets before it says which streams it has.
    private static let headerLimit = Duration.seconds(120)

    /// Opens the source and finds its video. On failure nothing stays open.
    static func find(
        _ options: SourceOptions,
        _ address: SourceAddress,
        _ bytes: ByteInput?,
        _ interrupt: Interrupt
    ) throws(CaptureError) -> Found {
        let opened = try open(options, address, bytes, interrupt)
        do throws(CaptureError) {
            if opened.isLive { return try findLive(opened, options, address, interrupt) }
            try probe(opened, address, interrupt)
            return Found(opened: opened, stream: try bestStream(opened.context, options, address))
        } catch {
            var context: UnsafeMutablePointer<AVFormatContext>? = opened.context
            avformat_close_input(&context)
            bytes?.close()
            throw error
        }
    }

    /// Decodes some of the source to learn all about its streams.
    private static func probe(
        _ opened: Opened,
        _ address: SourceAddress,
        _ interrupt: Interrupt
    ) throws(CaptureError) {
        let code = avformat_find_stream_info(opened.context, nil)
        if code < 0 { throw .libav(code, "find a video in", address.name) }
        if interrupt.isCancelled || interrupt.hasExpired { throw .libav(LIBAV_EXIT, "open", address.name) }
    }

    /// Chooses the video stream of a live source by what its header says. libav's own probe would read up to sixty
    /// pictures first, which takes a slow camera a minute.
    private static func findLive(
        _ opened: Opened,
        _ options: SourceOptions,
        _ address: SourceAddress,
        _ interrupt: Interrupt
    ) throws(CaptureError) -> Found {
        let context = opened.context
        let packet = try Packet(for: address.name)
        var early: [KeptPacket] = []
        let start = MonotonicTime.now
        // Some formats name their streams in their first packets.
        while videoStreams(context).isEmpty || !videoStreams(context).contains(where: hasCodec) {
            interrupt.arm(options.stallTimeout)
            let code = av_read_frame(context, packet.pointer)
            if interrupt.hasExpired || interrupt.isCancelled { throw .libav(LIBAV_EXIT, "open", address.name) }
            if code == libav_error(EAGAIN) {
                MonotonicTime.sleep(for: .seconds(0.002))
                continue
            }
            if code == LIBAV_EOF, !early.isEmpty {
                throw .libav(LIBAV_STREAM_NOT_FOUND, "find a video in", address.name)
            }
            if code < 0 { throw .libav(code, "find a video in", address.name) }
            if let kept = KeptPacket(packet) { early.append(kept) }
            packet.clear()
            if MonotonicTime.now - start > headerLimit || early.count > 4096 {
                throw .libav(LIBAV_STREAM_NOT_FOUND, "find a video in", address.name)
            }
        }
        // Which of several is the largest only their pictures tell.
        let several = videoStreams(context).count > 1 && options.track == nil
        if several {
            interrupt.arm(options.openTimeout)
            let code = avformat_find_stream_info(context, nil)
            if code < 0 { throw .libav(code, "find a video in", address.name) }
        }
        let stream = try bestStream(context, options, address)
        early.removeAll { $0.pointer.pointee.stream_index != stream.pointee.index }
        return Found(opened: opened, stream: stream, early: early)
    }

    private static func hasCodec(_ stream: UnsafeMutablePointer<AVStream>) -> Bool {
        ![AV_CODEC_ID_NONE, AV_CODEC_ID_PROBE].contains(stream.pointee.codecpar.pointee.codec_id)
    }

    private static func videoStreams(
        _ context: UnsafeMutablePointer<AVFormatContext>
    ) -> [UnsafeMutablePointer<AVStream>] {
        (0..<Int(context.pointee.nb_streams)).compactMap { context.pointee.streams[$0] }.filter {
            // An album's cover is a still picture, not a video.
            $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO
                && $0.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
        }
    }

    /// Selects the video stream to watch and sets libav to discard all others unread.
    private static func bestStream(
        _ context: UnsafeMutablePointer<AVFormatContext>,
        _ options: SourceOptions,
        _ address: SourceAddress
    ) throws(CaptureError) -> UnsafeMutablePointer<AVStream> {
        let streams = videoStreams(context)
        let chosen: UnsafeMutablePointer<AVStream>
        if let track = options.track {
            guard streams.indices.contains(track - 1) else {
                let held = streams.count == 1 ? "1 video track" : "\(streams.count) video tracks"
                throw CaptureError(
                    .noVideo,
                    "cannot find video track \(track) in \(address.name): it has \(held); set track accordingly"
                )
            }
            chosen = streams[track - 1]
        } else {
            let area = { (stream: UnsafeMutablePointer<AVStream>) -> Int in
                let parameters = stream.pointee.codecpar.pointee
                return Int(max(parameters.width, 0)) * Int(max(parameters.height, 0))
            }
            // The first of the largest.
            guard let largest = streams.reversed().max(by: { area($0) < area($1) }) else {
                throw .libav(LIBAV_STREAM_NOT_FOUND, "find a video in", address.name)
            }
            chosen = largest
        }
        for index in 0..<Int(context.pointee.nb_streams) where context.pointee.streams[index] != chosen {
            context.pointee.streams[index]?.pointee.discard = AVDISCARD_ALL
        }
        return chosen
    }

    private static func open(
        _ options: SourceOptions,
        _ address: SourceAddress,
        _ bytes: ByteInput?,
        _ interrupt: Interrupt
    ) throws(CaptureError) -> Opened {
        let format = try inputFormat(of: address)
        var context = avformat_alloc_context()
        guard let allocated = context else {
            bytes?.close()
            throw .outOfMemory(address.name)
        }
        allocated.pointee.interrupt_callback = interrupt.callback
        allocated.pointee.pb = bytes?.pointer
        bytes?.parts?.serve(allocated)
        // A V4L2 read would block beyond the reach of the interrupt callback.
        if address.kind == .device { allocated.pointee.flags |= AVFMT_FLAG_NONBLOCK }
        var dictionary = OptionDictionary(opening: options, address)
        let code = dictionary.with { avformat_open_input(&context, bytes?.url ?? address.target, format, $0) }
        // On failure libav has freed the context, but not what it was given to read from.
        guard code >= 0, let context else {
            bytes?.close()
            throw .libav(code, "open", address.name)
        }
        let duration = context.pointee.duration
        let hasDuration = duration != LIBAV_NO_PTS && duration > 0
        let isFile = bytes?.hasLength == true && !isPlaylist(context)
        return Opened(context: context, isLive: address.isLive(hasDuration: hasDuration || isFile))
    }

    /// Whether the source names the files to read. Then its own length says nothing.
    private static func isPlaylist(_ context: UnsafeMutablePointer<AVFormatContext>) -> Bool {
        guard let name = context.pointee.iformat.flatMap({ $0.pointee.name }) else { return false }
        return ["hls", "dash"].contains(String(cString: name))
    }

    /// The device's format; nil if libav is to probe the source.
    private static func inputFormat(of address: SourceAddress) throws(CaptureError) -> UnsafePointer<AVInputFormat>? {
        guard let name = address.inputFormat else { return nil }
        if let reason = loadDevices() { throw .noDevices(address.name, reason) }
        guard let format = av_find_input_format(name) else {
            throw .libav(LIBAV_DEMUXER_NOT_FOUND, "open", address.name)
        }
        return format
    }

    private static let hasDevices = Mutex(false)

    /// Loads libav's devices on first use. Only success is remembered: the next attempt may find what this one missed.
    ///
    /// - Returns: the reason if they cannot be loaded.
    private static func loadDevices() -> String? {
        hasDevices.withLock { hasDevices in
            guard !hasDevices else { return nil }
            let reason = libav_load_devices().map { String(cString: $0) }
            hasDevices = reason == nil
            return reason
        }
    }
}
