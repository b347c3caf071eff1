import Text

/// The parts of a source's URL: the kind of source, what libav opens, and with which input device.
package struct SourceAddress: Equatable {
    package enum Kind: Equatable {
        case rtsp, network, http, device, generator, file
        /// A file that describes a session of RTP.
        case session
        /// A command, whose output is the stream.
        case command
        /// A named pipe, or standard input.
        case pipe
    }

    package let kind: Kind
    /// The URL for `avformat_open_input`, the command or the pipe's path.
    package let target: String
    /// The input device's name; nil lets libav probe.
    let inputFormat: String?
    /// The URL for messages, without credentials.
    let name: String

    package init(_ url: String) {
        name = Redaction().redact(url).singleLine
        if let graph = url.removing(prefix: "lavfi:") {
            (kind, target, inputFormat) = (.generator, graph, "lavfi")
        } else if let device = url.removing(prefix: "v4l2:") {
            (kind, target, inputFormat) = (.device, device, "v4l2")
        } else if url.hasPrefix("/dev/video") {
            (kind, target, inputFormat) = (.device, url, "v4l2")
        } else if let command = url.removing(prefix: "exec:") {
            (kind, target, inputFormat) = (.command, command, nil)
        } else if let pipe = url.removing(prefix: "pipe:") {
            (kind, target, inputFormat) = (.pipe, pipe, nil)
        } else if let scheme = SourceAddress.scheme(of: url) {
            let kind: Kind =
                switch scheme {
                case "rtsp", "rtsps": .rtsp
                case "http", "https": .http
                default: .network
                }
            (self.kind, target, inputFormat) = (kind, url, nil)
        } else {
            let isSession = url.lowercased().hasSuffix(".sdp")
            // The prefix keeps a colon in a path from being read as a protocol.
            let path = url.hasPrefix("file:") ? url : "file:" + url
            (kind, target, inputFormat) = (isSession ? .session : .file, path, isSession ? "sdp" : nil)
        }
    }

    /// Whether the source delivers at its own pace. Over HTTP, a file has a duration and a live stream has none.
    func isLive(hasDuration: Bool) -> Bool { kind == .http ? !hasDuration : !isAtHand }

    /// Whether nobody else has to answer: a file and a generator are as fast as this machine is.
    var isAtHand: Bool { kind == .file || kind == .generator }

    var isSRT: Bool { Self.scheme(of: target) == "srt" }

    /// The URL's scheme in lower case; nil for a path.
    private static func scheme(of url: String) -> String? {
        let name = url.utf8.prefix { byte in
            byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "+")
        }
        let rest = url.utf8[name.endIndex...]
        guard !name.isEmpty, rest.starts(with: "://".utf8) else { return nil }
        return String(decoding: name, as: UTF8.self).lowercased()
    }
}

extension UInt8 {
    var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    var isASCIILetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
}

extension String {
    package func removing(prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
