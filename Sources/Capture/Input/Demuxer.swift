internal import CLibAV
internal import Glibc
import System

/// Reads the packets of one video stream.
protocol PacketReading: AnyObject {
    /// Lives as long as the reader.
    var stream: UnsafeMutablePointer<AVStream> { get }
    /// Whether the format has time stamps of its own.
    var carriesTime: Bool { get }

    /// Reads the next packet into `packet`.
    func read(into packet: borrowing Packet) throws(CaptureError) -> ReadResult
    /// Ends a `read` that waits on another thread, and all later ones, with `.cancelled`.
    func close()
}

enum ReadResult {
    case packet, end
    /// A file's data is damaged or unreadable from here on.
    case broken(CaptureError)
}

/// Owns an `AVFormatContext`: opens a source, finds its video stream and reads that stream's packets.
///
/// Every wait has a deadline and ends on cancellation.
final class Demuxer: PacketReading {
    let context: UnsafeMutablePointer<AVFormatContext>
    let stream: UnsafeMutablePointer<AVStream>
    let isLive: Bool
    /// The bytes, where libav does not open the source itself.
    private let bytes: ByteInput?
    private let interrupt: Interrupt
    private let name: String
    private let stallTimeout: Duration
    /// Packets that were read while the stream was looked for, newest first.
    private var early: [KeptPacket]

    /// Opens the source and finds its video stream.
    ///
    /// - Parameters:
    ///   - options: what to open.
    ///   - address: the parts of its URL.
    ///   - bytes: what libav is to read; nil if libav opens the source.
    ///   - interrupt: ends the waits. Its time limit is running.
    /// - Throws: `CaptureError`: `.noVideo`, or the meaning of libav's code. `bytes` is closed then.
    init(
        _ options: SourceOptions,
        _ address: SourceAddress,
        _ bytes: ByteInput? = nil,
        _ interrupt: Interrupt
    ) throws(CaptureError) {
        let found = try Self.find(options, address, bytes, interrupt)
        context = found.opened.context
        self.bytes = bytes
        isLive = found.opened.isLive
        stream = found.stream
        early = found.early.reversed()
        name = address.name
        stallTimeout = options.stallTimeout
        self.interrupt = interrupt
    }

    /// libav's name of the container or protocol.
    var container: String {
        context.pointee.iformat.flatMap { $0.pointee.name }.map { String(cString: $0) } ?? "unknown"
    }

    var carriesTime: Bool { !Self.formatsWithoutTime.contains(container) }

    /// Elementary streams, and JPEG files one after the other. libav counts their pictures.
    private static let formatsWithoutTime: Set<String> = [
        "h264", "hevc", "m4v", "mpegvideo", "mjpeg", "mjpeg_2000", "mpjpeg", "jpeg_pipe", "png_pipe", "h261", "h263",
        "vc1",
        "obu", "rawvideo",
    ]

    /// The duration in seconds; nil if it is unknown.
    var duration: Double? {
        let duration = context.pointee.duration
        return duration != LIBAV_NO_PTS && duration > 0 ? Double(duration) / Double(AV_TIME_BASE) : nil
    }

    func close() { interrupt.close() }

    /// Reads the video stream's next packet into `packet`.
    func read(into packet: borrowing Packet) throws(CaptureError) -> ReadResult {
        if let first = early.popLast() {
            packet.share(first)
            return .packet
        }
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
                let cause = interrupt.cause(of: error, "read", name, stallTimeout)
                if isLive || cause.code == .cancelled || cause.code == .timedOut { throw cause }
                return .broken(cause)
            }
        }
    }

    /// Has libav hand out the data as it arrives. Its parser holds each picture back until the next one begins, which
    /// a slow camera sends seconds later.
    ///
    /// - Returns: whether the caller is to join the data to pictures; false if libav's packets are whole.
    func disableParser() -> Bool {
        guard container == "rtsp" || container == "sdp" || container == "rtp" else { return false }
        guard
            [AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_MPEG4].contains(stream.pointee.codecpar.pointee.codec_id)
        else { return false }
        context.pointee.flags |= AVFMT_FLAG_NOPARSE
        return true
    }

    deinit {
        var context: UnsafeMutablePointer<AVFormatContext>? = context
        avformat_close_input(&context)
        bytes?.close()
    }

    private static let registration: Void = {
        avformat_network_init()
    }()
}
