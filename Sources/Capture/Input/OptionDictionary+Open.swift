internal import CLibAV
import HTTP
import System

extension OptionDictionary {
    /// The options with which libav opens a source.
    init(opening options: SourceOptions, _ address: SourceAddress) {
        self.init()
        set("protocol_whitelist", Self.protocols(address.kind))
        set("format_whitelist", Self.formats(address.kind))
        // Longer than both of our deadlines.
        let limit = max(options.openTimeout, options.stallTimeout) + .seconds(1)
        switch address.kind {
        case .rtsp:
            setTransport(options.transport)
            // libav's own time-out reports an unresponsive server as "invalid data".
            set("timeout", String(limit.nanoseconds / 1000))
            set("allowed_media_types", "video")
            setTLS(options.tls)
        case .http:
            setTLS(options.tls)
            // Older segments of a live playlist would only put the stream behind.
            set("live_start_index", "-1")
            // On a kept connection libav would go past `SourceParts`.
            if !options.headers.isEmpty { set("http_persistent", "0") }
        case .device:
            set("video_size", options.deviceVideoSize)
            set("framerate", options.deviceFrameRate)
            set("input_format", options.devicePixelFormat)
        case .network:
            setTLS(options.tls)
            // By itself libsrt gives up after three seconds, with "input/output error".
            if address.isSRT { set("connect_timeout", String(limit.nanoseconds / 1_000_000)) }
        case .session, .generator, .file, .command, .pipe:
            break
        }
    }

    private mutating func setTransport(_ transport: SourceOptions.Transport) {
        switch transport {
        // Each that the server offers, TCP first: libav goes on to the next after "461 Unsupported Transport".
        case .auto: set("rtsp_flags", "prefer_tcp")
        case .tcp, .udp, .udpMulticast, .http: set("rtsp_transport", transport.rawValue)
        }
    }

    mutating func setTLS(_ tls: SourceOptions.TLS) { with { Self.setTLS(tls, in: $0) } }

    static func setTLS(_ tls: SourceOptions.TLS, in dictionary: UnsafeMutablePointer<OpaquePointer?>) {
        av_dict_set(dictionary, "tls_verify", tls.isVerified ? "1" : "0", 0)
        if let authorities = tls.authorities { av_dict_set(dictionary, "ca_file", authorities, 0) }
    }

    /// What a source of this kind may have libav open: what a stranger sends must not reach files or other services. Nil
    /// leaves it to libav.
    static func protocols(_ kind: SourceAddress.Kind) -> String? {
        switch kind {
        case .rtsp: "rtp,srtp,udp,tcp,tls,http,https,httpproxy,crypto"
        case .http: "http,https,httpproxy,tcp,tls,crypto,data"
        case .network:
            "tcp,tls,udp,udplite,rtp,srtp,srt,rist,rtmp,rtmpe,rtmps,rtmpt,rtmpte,rtmpts,ffrtmphttp,http,https"
        case .session: "file,rtp,srtp,udp,crypto"
        case .command, .pipe: "pipe"
        case .device, .generator, .file: nil
        }
    }

    /// The formats that a peer may answer with. Playlists and session descriptions are not among them.
    private static func formats(_ kind: SourceAddress.Kind) -> String? {
        switch kind {
        case .network, .command, .pipe:
            "mpegts,h264,hevc,mjpeg,mpjpeg,m4v,mpegvideo,matroska,webm,flv,live_flv,kux,mov,mp4,m4a,3gp,3g2,mj2,avi,nut,ogg,"
                + "mpeg,ivf,obu,av1,asf,yuv4mpegpipe,rtp,jpeg_pipe,png_pipe"
        case .rtsp, .session, .http, .device, .generator, .file: nil
        }
    }
}
