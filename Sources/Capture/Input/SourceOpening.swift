internal import CLibAV
internal import Glibc
import System

/// A source that has been opened: where its packets come from.
enum OpenedSource {
    case container(Demuxer)
    case multipart(MultipartPictures)
    case snapshots(SnapshotPictures)

    /// Opens a source. How an HTTP source is read depends on what it answers.
    ///
    /// - Throws: `CaptureError`: `.cancelled`, `.timedOut` after `openTimeout`, `.noVideo`, or the meaning of libav's
    ///   code.
    static func open(
        _ options: SourceOptions,
        _ address: SourceAddress,
        _ cancellation: Cancellation
    ) throws(CaptureError) -> OpenedSource {
        _ = registration
        let interrupt = Interrupt(cancellation, limited: !address.isAtHand)
        interrupt.arm(options.openTimeout)
        do throws(CaptureError) {
            try ServerCertificate.verify(options, address, interrupt)
            if options.poll > .zero, address.kind == .http {
                return .snapshots(try SnapshotPictures(options, address, interrupt))
            }
            let bytes = try ByteInput.open(options, address, interrupt)
            let type = bytes?.mediaType ?? ""
            if let bytes, type.hasPrefix("multipart/"), let boundary = bytes.boundary {
                return .multipart(try MultipartPictures(bytes, boundary: boundary, options, address, interrupt))
            }
            if let bytes, type == "image/jpeg" || type == "image/jpg" || type == "image/png" {
                bytes.close()
                return .snapshots(try SnapshotPictures(options, address, interrupt))
            }
            return .container(try Demuxer(options, address, bytes, interrupt))
        } catch {
            let cause = interrupt.cause(of: error, "open", address.name, options.openTimeout)
            let trust = ServerCertificate.explain(cause, options, address, interrupt)
            throw LoginAdvice.explain(trust, address, interrupt)
        }
    }

    /// Opens a container only, such as a file.
    static func container(
        _ options: SourceOptions,
        _ address: SourceAddress,
        _ cancellation: Cancellation
    ) throws(CaptureError) -> Demuxer {
        guard case .container(let demuxer) = try open(options, address, cancellation) else {
            throw CaptureError(.unsupported, "cannot read \(address.name): it is not a video file")
        }
        return demuxer
    }

    var reader: any PacketReading {
        switch self {
        case .container(let demuxer): demuxer
        case .multipart(let pictures): pictures
        case .snapshots(let pictures): pictures
        }
    }

    private static let registration: Void = {
        avformat_network_init()
    }()
}
