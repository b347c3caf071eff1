/// One of a camera's streams, as its media service describes it.
package struct MediaProfile: Sendable, Equatable {
    let token: String
    package let name: String
    /// ONVIF's name, such as `H264`.
    package let codec: String
    /// Pixels; 0 if the device does not say.
    package let width: Int
    package let height: Int
    /// Pictures a second; nil if the device does not say.
    package let rate: Double?

    init(token: String, name: String, codec: String, width: Int, height: Int, rate: Double?) {
        (self.token, self.name, self.codec) = (token, name, codec)
        (self.width, self.height, self.rate) = (width, height, rate)
    }

    /// Nil for a profile without video.
    ///
    /// - Parameter element: `Profiles` of `GetProfilesResponse`, of either media service.
    init?(_ element: XMLElement) {
        let encoder = element.child("VideoEncoderConfiguration") ?? element.element("Configurations", "VideoEncoder")
        guard let encoder, let token = element.attributes["token"], !token.isEmpty else { return nil }
        func pixels(_ name: String) -> Int {
            let count = encoder.element("Resolution", name).flatMap { Int($0.text) } ?? 0
            return (1...65_536).contains(count) ? count : 0
        }
        let rate = encoder.element("RateControl", "FrameRateLimit").flatMap { Double($0.text) }
        self.init(
            token: token,
            name: String((element.child("Name")?.text ?? token).prefix(64)),
            codec: String((encoder.child("Encoding")?.text ?? "").prefix(16)),
            width: pixels("Width"),
            height: pixels("Height"),
            rate: rate.flatMap { $0 > 0 && $0 <= 1000 ? $0 : nil }
        )
    }

    /// "H264, 640x360, 15 pictures a second".
    package var summary: String {
        var parts = [
            codec.isEmpty ? "codec unknown" : codec, width > 0 && height > 0 ? "\(width)x\(height)" : "size unknown",
        ]
        if let rate { parts.append("\(rate == rate.rounded() ? "\(Int(rate))" : "\(rate)") pictures a second") }
        return parts.joined(separator: ", ")
    }
}

extension MediaProfile {
    private enum Class: Int { case serves, unknown, tooSmall }

    private func suitability(_ shortSide: Int) -> Class {
        let short = min(width, height)
        if short == 0 { return .unknown }
        return short >= shortSide ? .serves : .tooSmall
    }

    /// Less work to decode, at the same size, comes first.
    private var codecRank: Int { ["H264", "H265", "MPEG4", "MPV4-ES", "JPEG"].firstIndex(of: codec.uppercased()) ?? 9 }

    /// The profiles with the one to watch first: the smallest that still shows the model as much as it can see, then the next
    /// larger ones. Those that are too small come last, the largest first.
    ///
    /// - Parameter shortSide: the pixels that the model needs on the shorter side.
    package static func ranked(_ profiles: [MediaProfile], shortSide: Int) -> [MediaProfile] {
        func key(_ profile: MediaProfile) -> (Int, Int, Int, Double) {
            let suitability = profile.suitability(shortSide)
            let pixels = profile.width * profile.height
            return (
                suitability.rawValue, suitability == .tooSmall ? -pixels : pixels, profile.codecRank, profile.rate ?? 0
            )
        }
        // A stable order: devices list their main stream first.
        return profiles.enumerated().sorted {
            let (left, right) = (key($0.element), key($1.element))
            return left != right ? left < right : $0.offset < $1.offset
        }.map(\.element)
    }
}
