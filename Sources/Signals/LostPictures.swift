/// Pictures that are lost whole on the way, which decoders make good without a word. Pure; times are in seconds.
///
/// Two things tell. The decoder lacks a picture that others refer to, and there is a gap in the packets' times: without one the
/// encoder has left the picture out, as those do that send in layers. Or packets come, and for some time no picture does,
/// as after a lost key frame.
package struct LostPictures: Sendable {
    /// A step in time that is this much longer than the usual one is a gap.
    private static let gap = 1.5
    /// Packets after a gap in which the decoder may say what it lacks: with several threads it is some behind.
    private static let reach = 8
    /// Pictures without which a healthy decoder gives none are fewer.
    private static let silence = 4
    /// A stream that is joined between two key frames lacks some pictures at first.
    private static let settled = 16

    private var last: Double?
    private var usual: Double?
    private var afterGap = Self.reach
    private var silent = 0
    private var pictures = 0
    private var lacking = 0

    package init() {}

    /// The decoder gave a picture.
    package mutating func picture() {
        pictures += 1
        silent = 0
    }

    /// Takes the next packet.
    ///
    /// - Parameters:
    ///   - time: when it is to be decoded; nil if unknown. Packets of one time are one picture.
    ///   - isSkipped: whether its picture is not asked for.
    ///   - lacking: how often the decoder has lacked a picture so far.
    /// - Returns: how many pictures are known to be lost by now and were not before.
    package mutating func packet(at time: Double?, isSkipped: Bool, lacking: Int) -> Int {
        let lacks = lacking > self.lacking
        self.lacking = lacking
        let step = time.flatMap { time in last.map { time - $0 } }
        last = time ?? last
        if let step, step != 0 {
            let isGap = usual.map { step > Self.gap * $0 } ?? false
            afterGap = isGap ? 0 : min(afterGap + 1, Self.reach)
            usual = usual.map { $0 + 0.1 * (min(max(step, 0), 2 * $0) - $0) } ?? max(step, 0)
        }
        if !isSkipped, step != 0 { silent += 1 }
        guard pictures >= Self.settled else { return 0 }
        // Only now are the first of them known to be.
        if silent == Self.silence + 1, !isSkipped { return silent }
        return silent > Self.silence || lacks && afterGap < Self.reach ? 1 : 0
    }
}
