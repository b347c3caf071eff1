/// Whether packets arrive at an even rate, judged by their decoding times.
///
/// Only at an even rate is a picture's importance known before it is decoded. Pure; times are in seconds.
package struct Cadence: Sendable, Equatable {
    /// This many evenly spaced packets in a row establish the rate.
    package static let proof = 32

    /// The time between two packets; nil until it is known.
    package private(set) var frameDuration: Double?
    package let isLive: Bool
    private var last: Double?
    private var evenSteps = 0
    private var isRefuted = false
    private let learns: Bool

    /// - Parameters:
    ///   - frameDuration: the declared time between two packets; nil to learn it from the packets.
    ///   - isLive: whether a gap may be a loss.
    package init(frameDuration: Double?, isLive: Bool) {
        self.frameDuration = frameDuration
        learns = frameDuration == nil
        self.isLive = isLive
    }

    /// Takes the decoding time of the next packet.
    ///
    /// An uneven step in a file rules the rate out for good. A live stream may have lost packets, so it can establish
    /// the rate again.
    ///
    /// - Parameter time: when the packet is to be decoded; nil if unknown.
    /// - Returns: whether the rate is even up to this packet.
    package mutating func isEven(at time: Double?) -> Bool {
        defer { last = time }
        guard let time, let last else {
            evenSteps = 0
            return false
        }
        let length = time - last
        guard let duration = frameDuration else {
            if length > 0 { frameDuration = length }
            return false
        }
        if length > 0.5 * duration, length < 1.5 * duration {
            evenSteps += 1
            if learns { frameDuration = duration + (length - duration) / Double(evenSteps + 1) }
        } else {
            evenSteps = 0
            isRefuted = !isLive
            if learns { frameDuration = length > 0 ? length : nil }
        }
        return evenSteps >= Self.proof && !isRefuted
    }
}
