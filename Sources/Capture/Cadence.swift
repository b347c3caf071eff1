/// Whether packets come at an even rate, judged by their decoding times: only then can a picture's worth be known
/// before it is decoded. Pure. Times are in seconds.
struct Cadence: Sendable, Equatable {
    /// So many packets in a row make the rate believed.
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

    /// A packet to be decoded at `time` has come, nil where unknown: whether the rate is even up to here. A file that
    /// was uneven once is not believed again; a live stream may have lost packets, and gets another chance.
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
