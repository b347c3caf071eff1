internal import CLibAV
internal import Glibc
import System

/// Owns an `AVFormatContext`: opens a source, finds its video stream and reads that stream's packets.
///
/// Every wait has a deadline and ends on cancellation.
struct Demuxer: ~Copyable {
    enum ReadResult {
        case packet, end
        /// A file's data is damaged or unreadable from here on.
        case broken(CaptureError)
    }

    let context: UnsafeMutablePointer<AVFormatContext>
    /// Lives as long as `context`.
    let stream: UnsafeMutablePointer<AVStream>
    let codec: UnsafePointer<AVCodec>
    let isLive: Bool
    private let interrupt: Interrupt
    /// The reference that `context.interrupt_callback` holds.
    private let callbackReference: Unmanaged<Interrupt>
    private let name: String
    private let stallTimeout: Duration

    /// Opens the source and finds its video stream.
    ///
    /// - Throws: `CaptureError`: `.cancelled`, `.timedOut` after `openTimeout`, `.noVideo`, or the meaning of libav's
    ///   code.
    init(_ options: SourceOptions, _ address: SourceAddress, _ cancellation: Cancellation) throws(CaptureError) {
        _ = Self.registration
        let interrupt = Interrupt(cancellation)
        interrupt.arm(options.openTimeout)
        let reference = Unmanaged.passRetained(interrupt)
        let found: Found
        do throws(CaptureError) {
            found = try Self.find(options, address, interrupt.callback(reference))
        } catch {
            reference.release()
            throw Self.interrupted(error, by: interrupt, "open", address.name, options.openTimeout)
        }
        let duration = found.context.pointee.duration
        let isLive = address.isLive(hasDuration: duration != LIBAV_NO_PTS && duration > 0)
        context = found.context
        stream = found.stream
        codec = found.codec
        self.isLive = isLive
        name = address.name
        stallTimeout = options.stallTimeout
        self.interrupt = interrupt
        callbackReference = reference
    }

    /// Reads the video stream's next packet into `packet`.
    func read(into packet: borrowing Packet) throws(CaptureError) -> ReadResult {
        interrupt.arm(stallTimeout)
        while true {
            packet.clear()
            let code = av_read_frame(context, packet.pointer)
            switch code {
            case 0...:
                // An interrupted wait returns what the parser still held and fails only on the next call, which would
                // start a full time-out again.
                if isLive && interrupt.hasExpired { throw .timedOut("read", name, after: stallTimeout) }
                if packet.pointer.pointee.stream_index == stream.pointee.index { return .packet }
            case LIBAV_EOF:
                return .end
            case libav_error(EAGAIN) where !interrupt.hasExpired && !interrupt.isCancelled:
                MonotonicTime.sleep(for: .seconds(0.002))
            default:
                let expired = code == libav_error(EAGAIN) ? LIBAV_EXIT : code
                let error = CaptureError.libav(expired, "read", name)
                let cause = Self.interrupted(error, by: interrupt, "read", name, stallTimeout)
                if isLive || cause.code == .cancelled || cause.code == .timedOut { throw cause }
                return .broken(cause)
            }
        }
    }

    deinit {
        var context: UnsafeMutablePointer<AVFormatContext>? = context
        avformat_close_input(&context)
        callbackReference.release()
    }

    private static let registration: Void = {
        avformat_network_init()
    }()

    /// Loads libav's devices on first use. Holds the reason if they are not available, nil otherwise.
    private static let missingDevices: String? = libav_load_devices().map { String(cString: $0) }

    private struct Found {
        var context: UnsafeMutablePointer<AVFormatContext>
        var stream: UnsafeMutablePointer<AVStream>
        var codec: UnsafePointer<AVCodec>
    }

    /// Opens the source and finds its video. On failure nothing stays open.
    private static func find(
        _ options: SourceOptions,
        _ address: SourceAddress,
        _ callback: AVIOInterruptCB
    ) throws(CaptureError) -> Found {
        let context = try open(options, address, callback)
        do throws(CaptureError) {
            let code = avformat_find_stream_info(context, nil)
            if code < 0 { throw .libav(code, "find a video in", address.name) }
            if callback.callback?(callback.opaque) != 0 { throw .libav(LIBAV_EXIT, "open", address.name) }
            let (stream, codec) = try bestStream(context, address)
            return Found(context: context, stream: stream, codec: codec)
        } catch {
            var context: UnsafeMutablePointer<AVFormatContext>? = context
            avformat_close_input(&context)
            throw error
        }
    }

    private static func open(
        _ options: SourceOptions,
        _ address: SourceAddress,
        _ callback: AVIOInterruptCB
    ) throws(CaptureError) -> UnsafeMutablePointer<AVFormatContext> {
        let format = try inputFormat(of: address)
        var context = avformat_alloc_context()
        guard let allocated = context else { throw .outOfMemory(address.name) }
        allocated.pointee.interrupt_callback = callback
        // A V4L2 read would block beyond the reach of the interrupt callback.
        if address.kind == .device { allocated.pointee.flags |= AVFMT_FLAG_NONBLOCK }
        var dictionary = openOptions(options, address)
        let code = dictionary.with { avformat_open_input(&context, address.target, format, $0) }
        // On failure libav has freed the context.
        guard code >= 0, let context else { throw .libav(code, "open", address.name) }
        return context
    }

    /// The device's format; nil if libav is to probe the source.
    private static func inputFormat(of address: SourceAddress) throws(CaptureError) -> UnsafePointer<AVInputFormat>? {
        guard let name = address.inputFormat else { return nil }
        if let reason = missingDevices { throw .noDevices(address.name, reason) }
        guard let format = av_find_input_format(name) else {
            throw .libav(LIBAV_DEMUXER_NOT_FOUND, "open", address.name)
        }
        return format
    }

    private static func openOptions(_ options: SourceOptions, _ address: SourceAddress) -> OptionDictionary {
        var dictionary = OptionDictionary()
        switch address.kind {
        case .rtsp:
            dictionary.set("rtsp_transport", options.transport.rawValue)
            // Longer than both of our deadlines: libav's own time-out reports an unresponsive server as "invalid data".
            let limit = max(options.openTimeout, options.stallTimeout) + .seconds(1)
            dictionary.set("timeout", String(limit.nanoseconds / 1000))
            dictionary.set("allowed_media_types", "video")
        case .device:
            dictionary.set("video_size", options.deviceVideoSize)
            dictionary.set("framerate", options.deviceFrameRate)
            dictionary.set("input_format", options.devicePixelFormat)
        case .network, .http, .generator, .file:
            break
        }
        return dictionary
    }

    /// Selects the video stream to watch and sets libav to discard all others unread.
    private static func bestStream(
        _ context: UnsafeMutablePointer<AVFormatContext>,
        _ address: SourceAddress
    ) throws(CaptureError) -> (UnsafeMutablePointer<AVStream>, UnsafePointer<AVCodec>) {
        var codec: UnsafePointer<AVCodec>?
        let index = av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0)
        if index < 0 { throw .libav(index, "find a video in", address.name) }
        guard let codec, let stream = context.pointee.streams[Int(index)] else {
            throw .libav(LIBAV_STREAM_NOT_FOUND, "find a video in", address.name)
        }
        // An album's cover is a still picture, not a video.
        if stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC != 0 {
            throw .libav(LIBAV_STREAM_NOT_FOUND, "find a video in", address.name)
        }
        for other in 0..<Int(context.pointee.nb_streams) where other != Int(index) {
            context.pointee.streams[other]?.pointee.discard = AVDISCARD_ALL
        }
        return (stream, codec)
    }

    /// The actual cause of a failure that an interrupted wait produced.
    private static func interrupted(
        _ error: CaptureError,
        by interrupt: Interrupt,
        _ doing: String,
        _ name: String,
        _ limit: Duration
    ) -> CaptureError {
        if interrupt.isCancelled { return .cancelled(name) }
        // libav may return the data it has and report the interruption only on the next call.
        let isInterruption = interrupt.hasExpired || error.libavCode == LIBAV_EXIT
        return isInterruption ? .timedOut(doing, name, after: limit) : error
    }
}
