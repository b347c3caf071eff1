/// The names in the engine.
package enum FleetSubjects {
    /// The stream of all records.
    static let stream = "WATCHWORD"
    static let claimsBucket = "watchword_claims"
    static let configurationBucket = "watchword_config"
    static let claimsStream = "KV_" + claimsBucket
    static let configurationStream = "KV_" + configurationBucket

    private static let events = "watchword.ev."
    private static let late = "watchword.late."
    private static let claims = "$KV." + claimsBucket + "."
    private static let pulses = claims + "pulse."
    private static let marks = claims + "=mark="
    private static let heartbeats = "watchword.hb."
    private static let settings = "$KV." + configurationBucket + "."

    static let allEvents = events + "*.*"
    static let allClaims = claims + ">"
    static let allHeartbeats = heartbeats + "*"
    static let allLate = late + ">"
    static let streamSubjects = [events + "*.*", late + "*.*"]

    static let allSettings = settings + ">"
    /// The fleet's configuration file; its revision is the configuration's version.
    static let configuration = settings + "fleet"
    /// Holds whether the operator has the host give up its cameras: `yes`, or nothing.
    static func drain(of host: String) -> String { settings + "drain." + token(host) }
    /// Holds the host that the operator has given the camera to, or nothing.
    static func place(of camera: String) -> String { settings + "place." + token(camera) }

    /// What a key of the configuration's bucket names; nil for others.
    enum SettingKey: Equatable {
        case configuration
        case drain(String)
        case place(String)

        init?(subject: String) {
            if subject == FleetSubjects.configuration {
                self = .configuration
            } else if let host = FleetSubjects.name(in: subject, after: settings + "drain.") {
                self = .drain(host)
            } else if let camera = FleetSubjects.name(in: subject, after: settings + "place.") {
                self = .place(camera)
            } else {
                return nil
            }
        }
    }

    static func heartbeat(of host: String) -> String { heartbeats + token(host) }
    static func isHeartbeat(_ subject: String) -> Bool { subject.hasPrefix(heartbeats) }
    static func claim(of camera: String) -> String { claims + token(camera) }
    static func pulse(of host: String) -> String { pulses + token(host) }
    /// A host publishes only on subjects with its own name. The fence is held on all hosts' subjects of the camera.
    static func events(of camera: String, by host: String) -> String { events + token(camera) + "." + token(host) }
    static func events(of camera: String) -> String { events + token(camera) + ".*" }
    static func late(of camera: String, by host: String) -> String { late + token(camera) + "." + token(host) }

    /// The mark of a receiver of the fleet's deliveries. No name has this token, so that nobody takes it for a camera's.
    static func mark(of receiver: String) -> String { marks + token(receiver) }

    /// What a key of the claims names; nil for others.
    enum ClaimKey: Equatable {
        case camera(String)
        /// Which host delivers the records for the fleet.
        case deliveries
        case pulse(String)
        /// How far a receiver has the records.
        case mark(String)

        init?(subject: String) {
            if let host = FleetSubjects.name(in: subject, after: pulses) {
                self = .pulse(host)
            } else if let receiver = FleetSubjects.name(in: subject, after: marks) {
                self = .mark(receiver)
            } else if subject == FleetSubjects.claim(of: Placement.Camera.deliveries.name) {
                self = .deliveries
            } else if let camera = FleetSubjects.name(in: subject, after: claims) {
                self = .camera(camera)
            } else {
                return nil
            }
        }
    }

    /// The camera and the host of a record, and whether it is late; nil for other subjects.
    package static func record(_ subject: String) -> (camera: String, host: String, isLate: Bool)? {
        let isLate = subject.hasPrefix(late)
        guard isLate || subject.hasPrefix(events) else { return nil }
        let tokens = subject.dropFirst((isLate ? late : events).count).split(
            separator: ".",
            omittingEmptySubsequences: false
        )
        guard tokens.count == 2, let camera = name(tokens[0]), let host = name(tokens[1]) else { return nil }
        return (camera, host, isLate)
    }

    private static func name(in subject: String, after prefix: String) -> String? {
        guard subject.hasPrefix(prefix) else { return nil }
        return name(subject.dropFirst(prefix.count))
    }

    // MARK: - Tokens

    /// A name as one token of a subject: each byte that a key of the engine cannot hold is written as `=` and two digits.
    static func token(_ name: String) -> String {
        guard !name.utf8.allSatisfy(isPlain) else { return name }
        let digits = Array("0123456789abcdef".utf8)
        var token: [UInt8] = []
        for byte in name.utf8 {
            if isPlain(byte) {
                token.append(byte)
            } else {
                token += [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: token, as: UTF8.self)
    }

    /// The name that `token` wrote; nil for any other text.
    static func name(_ token: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = token.utf8
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "=") {
                let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                guard digits.utf8.count == 2, let escaped = UInt8(digits, radix: 16) else { return nil }
                bytes.append(escaped)
                rest = rest.dropFirst(2)
            } else if isPlain(byte) {
                bytes.append(byte)
            } else {
                return nil
            }
        }
        return bytes.isEmpty ? nil : String(validating: bytes, as: UTF8.self)
    }

    /// Whether a token has the byte as it is: a letter, a digit, `-` or `_`.
    static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
