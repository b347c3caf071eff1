/// The parameters of camera and media URLs that select or describe a stream and never hold a credential.
enum HarmlessParameter {
    /// In lower case, without `_`, `-` and `.`.
    private static let names: Set<String> = [
        // Which stream: Hikvision, Dahua, Reolink, Axis, Foscam, Vivotek, Hanwha and others.
        "camera", "cam", "channel", "channelid", "channelno", "chan", "ch", "chn", "chno", "stream", "streamtype",
        "realstream", "subtype", "sub", "substream", "videosubstream", "track", "trackid", "profile",
        "streamprofile", "view", "source", "sensor", "input", "inst", "vid", "mainstream",
        // What it looks like.
        "resolution", "res", "size", "width", "height", "w", "h", "fps", "framerate", "rate", "bitrate", "quality",
        "compression", "videocodec", "vcodec", "codec", "format", "fmt", "type", "container", "rotation", "rotate",
        "mirror", "flip", "overlay", "clock", "date", "audio", "video", "gop", "keyframeinterval",
        "videokeyframeinterval", "duration", "snapshot", "ext",
        // How it is carried: cameras and libav's own options.
        "transportmode", "transport", "rtsptransport", "protocol", "proto", "unicast", "multicast", "tcp", "udp",
        "mode",
        "timeout", "rwtimeout", "connecttimeout", "latency", "pktsize", "buffersize", "fifosize", "overrunnonfatal",
        "reuse", "ttl", "listen", "port", "reconnect", "live",
    ]

    /// The part of `value` that may be shown; nil if all of it is to be hidden.
    ///
    /// - Parameter joinedByUnderscores: whether an underscore may begin the next parameter (`channel=1_stream=0.sdp`).
    static func shownValue(
        name: String,
        _ value: ArraySlice<UInt8>,
        joinedByUnderscores: Bool
    ) -> ArraySlice<UInt8>? {
        let spelling = name.lowercased()
        let last = spelling.split(separator: "_").last.map { plain(String($0)) } ?? ""
        guard names.contains(plain(spelling)) || joinedByUnderscores && names.contains(last) else { return nil }
        let shown = joinedByUnderscores ? value.prefix { $0 != UInt8(ascii: "_") } : value
        // A comma or a quote of the sentence around the URL.
        let end = shown.lastIndex { !"',:.)".utf8.contains($0) }.map { $0 + 1 } ?? shown.startIndex
        return isPlain(shown[..<end]) ? shown : nil
    }

    /// Whether a query without `=` may be shown: nothing, a small number, or a harmless name.
    static func isBare(_ item: ArraySlice<UInt8>) -> Bool {
        guard item.count > 4 || !item.allSatisfy({ (0x30...0x39).contains($0) }) else { return true }
        return names.contains(plain(String(decoding: item, as: UTF8.self).lowercased()))
    }

    private static func plain(_ name: String) -> String { name.filter { $0.isLetter || $0.isNumber } }

    /// Short, and of characters that numbers, sizes and formats are written with.
    private static func isPlain(_ value: ArraySlice<UInt8>) -> Bool {
        value.count <= 16
            && value.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "._-:x*".utf8.contains(byte)
                }
            }
    }
}
