/// Whether packets arrive at an even rate, judged by their decoding times.
///
/// Only at an even rate is a picture's importance known before it is decoded. Pure; times are in seconds.
struct Cadence: Sendable, Equatable {
    /// This many evenly spaced packets in a row establish the rate.
    static let proof = 32

    let frameDuration: Double
    let isLive: Bool
    private var last: Double?
    private var evenSteps = 0
    private var isRefuted = false

    init(frameDuration: Double, isLive: Bool) {
        self.frameDuration = frameDuration
        self.isLive = isLive
    }

    /// Takes the decoding time of the next packet.
    ///
    /// An uneven step in a file rules the rate out for good. A live stream may have lost packets, so it can establish
    /// the rate again.
    ///
    /// - Parameter time: when the packet is to be decoded; nil if unknown.
    /// - Returns: whether the rate is even up to this packet.
    mutating func isEven(at time: Double?) -> Bool {
        defer { last = time }
        guard let time, let last else {
            evenSteps = 0
            return false
        }
        let step = (time - last) / frameDuration
        if step > 0.5, step < 1.5 {
            evenSteps += 1
        } else {
            evenSteps = 0
            isRefuted = !isLive
        }
        return evenSteps >= Self.proof && !isRefuted
    }
}
