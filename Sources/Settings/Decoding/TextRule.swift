import Foundation
import ONVIF
import Text

/// Checks a text. Returns the fault, which does not repeat the text because it may be a secret, or nil.
package typealias TextRule = @Sendable (String) -> TextFault?

/// What is wrong with a text.
package struct TextFault: Equatable {
    /// Continues a sentence whose subject is the text: "is empty".
    package var message: String
    package var remedy: String
}

/// The rules of texts.
package enum TextRules {
    /// A text of one line that is not blank, with `limit` characters at most.
    static func line(limit: Int) -> TextRule {
        { text in
            if text.allSatisfy(\.isWhitespace) {
                return TextFault(message: "is empty", remedy: "write something in it or remove it")
            }
            if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
                return TextFault(message: "holds a control character", remedy: "write it on one line, without tabs")
            }
            if text.unicodeScalars.count > limit {
                return TextFault(message: "is longer than \(limit) characters", remedy: "shorten it")
            }
            return nil
        }
    }

    /// The texts of labels and of the background.
    package static let label = line(limit: 1000)

    /// The path of a socket, for which the kernel has room for 107 bytes.
    static func socketPath(_ text: String) -> TextFault? {
        if text.utf8.count > 107 {
            return TextFault(message: "is longer than the 107 bytes a socket path may have", remedy: "shorten it")
        }
        return line(limit: 107)(text)
    }

    /// The path of a file, or a word for none. A path must have a slash, so that a mistyped word is an error.
    static func fileOrNone(_ example: String) -> TextRule {
        { text in
            if let fault = line(limit: 4000)(text) { return fault }
            guard OffWord.isOff(text) || (text.contains("/") && !text.hasSuffix("/")) else {
                return TextFault(message: "is not the path of a file", remedy: "write it like \(example), or none")
            }
            return nil
        }
    }

    /// A token that HTTP can carry as a bearer token and as a cookie, and that is hard to guess.
    static func token(_ text: String) -> TextFault? {
        let remedy = "make one: head -c 24 /dev/urandom | base64"
        guard (16...512).contains(text.utf8.count) else {
            return TextFault(message: "has fewer than 16 or more than 512 characters", remedy: remedy)
        }
        let isGood = text.utf8.allSatisfy { isWordByteOfAnyCase($0) || "-._~+/=".utf8.contains($0) }
        return isGood ? nil : TextFault(message: "has a character that tokens may not have", remedy: remedy)
    }

    /// The name of a host, without a port.
    static func hostName(_ text: String) -> TextFault? {
        let isGood =
            (1...253).contains(text.utf8.count)
            && text.utf8.allSatisfy { isWordByteOfAnyCase($0) || "-.".utf8.contains($0) }
        let remedy = "write it like watchword.example.net, without a port"
        return isGood ? nil : TextFault(message: "is not a host name", remedy: remedy)
    }

    /// The origin of a page, as a browser names it in a policy: a scheme, a host and perhaps a port.
    static func origin(_ text: String) -> TextFault? {
        let remedy = "write it like https://ha.example.net or http://homeassistant.local:8123"
        let fault = TextFault(message: "is not the origin of a page", remedy: remedy)
        guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else { return fault }
        let parts = text.dropFirst(scheme.count).split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), hostName(String(parts[0])) == nil else { return fault }
        guard parts.count == 2 else { return nil }
        // A sign is no part of a port.
        return parts[1].allSatisfy(\.isASCIIDigitCharacter) && UInt16(parts[1]).map { $0 > 0 } == true ? nil : fault
    }

    /// The name of a group of users.
    static func groupName(_ text: String) -> TextFault? {
        let isGood = text.utf8.count <= 32 && text.utf8.allSatisfy { isWordByte($0) || $0 == UInt8(ascii: "-") }
        return isGood && !text.isEmpty
            ? nil : TextFault(message: "is not a group name", remedy: "name a group of this machine, such as watchword")
    }

    /// The names of streams and labels, which become parts of topics and metrics.
    static func identifier(hyphens: Bool) -> TextRule {
        { text in
            let allowed = "a-z, 0-9, _" + (hyphens ? " and -" : "")
            guard !text.isEmpty, text.utf8.count <= 64 else {
                return TextFault(message: "must have 1 to 64 characters", remedy: "use \(allowed)")
            }
            let isGood = text.utf8.allSatisfy { isWordByte($0) || hyphens && $0 == UInt8(ascii: "-") }
            return isGood
                ? nil : TextFault(message: "has a character that names may not have", remedy: "use \(allowed)")
        }
    }

    /// A source that capture can open: a URL with a scheme, the path of a device or file, or a test source.
    package static func source(_ text: String) -> TextFault? {
        if let fault = line(limit: 4096)(text) { return fault }
        guard text.first?.isWhitespace == false, text.last?.isWhitespace == false else {
            return TextFault(message: "begins or ends with a space", remedy: "remove the space")
        }
        let scheme = text.prefix { $0 != ":" && $0 != "/" }
        guard
            text.hasPrefix("/") || text.hasPrefix(".")
                || scheme.endIndex != text.endIndex && !scheme.isEmpty
                    && text[scheme.endIndex] == ":"
        else {
            return TextFault(
                message: "has no scheme",
                remedy: "write it like rtsp://camera.local/stream2, /dev/video0 or lavfi:testsrc2"
            )
        }
        if CameraAddress.isCamera(text), CameraAddress(text) == nil {
            return TextFault(
                message: "is not a camera's address",
                remedy: "write it like onvif://USER:${PASSWORD}@HOST, with :PORT/PATH if its ONVIF service is elsewhere"
            )
        }
        if let command = text.removingPrefix("exec:") {
            do throws(CommandWords.Failure) {
                _ = try CommandWords.split(command)
            } catch {
                return TextFault(message: "cannot be run: \(error.message)", remedy: "write it as in a shell")
            }
        }
        return hasLiteralDelimiter(text)
            ? TextFault(
                message: "has a user name or a password with a / ? or # in it",
                remedy:
                    "percent-encode it (%2F, %3F, %23), or keep it elsewhere and write ${NAME}, which is encoded by itself"
            ) : nil
    }

    /// Whether a password ends the host's part of a URL early: `rtsp://user:pa#ss@camera`.
    private static func hasLiteralDelimiter(_ url: String) -> Bool {
        guard let start = url.range(of: "://")?.upperBound else { return false }
        let rest = url[start...]
        let authority = rest.prefix { !"/?#".contains($0) }
        guard !authority.contains("@"), !authority.hasPrefix("["), rest[authority.endIndex...].contains("@"),
            let colon = authority.firstIndex(of: ":")
        else { return false }
        // After a host comes the number of a port.
        return !authority[authority.index(after: colon)...].allSatisfy(\.isASCIIDigitCharacter)
    }

    /// Whether a byte is one of a-z, 0-9 and _.
    static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
    }

    /// Whether a byte is one of a-z, A-Z, 0-9 and _.
    static func isWordByteOfAnyCase(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || isWordByte(byte)
    }
}

extension String {
    fileprivate func removingPrefix(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}

extension Character {
    fileprivate var isASCIIDigitCharacter: Bool { isASCII && isNumber }
}
