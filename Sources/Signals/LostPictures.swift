/// Pictures that are lost whole on the way. The decoders of H.264 and H.265 conceal that and report nothing. Pure; times are in
/// seconds.
///
/// There are two signs. One is that the decoder lacks a picture that others refer to, soon after a gap in the packets' times.
/// Without a gap nothing was lost: an encoder that sends in layers leaves some out. The other is that packets come and no
/// pictures do, as after a lost key frame.
package struct LostPictures: Sendable {
    /// A step in time that is this much longer than the usual one is a gap.
    private static let gap = 1.5
    /// A step beyond this many usual ones is a jump of the clock.
    private static let jump = 100.0
    /// How many packets after a gap the decoder may say what it lacks. With several threads it is a few behind.
    private static let reach = 8
    /// A healthy decoder is no further behind than this many pictures.
    private static let silence = 4
    /// A stream that is joined between two key frames lacks some pictures at first.
    private static let settled = 16

    private var last: Double?
    private var usual: Double?
    private var afterGap = Self.reach
    /// The pictures that fit into the last gap.
    private var missing = 0
    private var silent = 0
    /// The packets of the silence that nobody has counted yet.
    private var uncounted = 0
    private var pictures = 0
    private var lacking = 0

    package init() {}

    /// The decoder gave a picture.
    package mutating func picture() {
        pictures += 1
        silent = 0
        uncounted = 0
    }

    /// Takes the next packet.
    ///
    /// - Parameters:
    ///   - time: when it is to be decoded; nil if unknown. Packets of one time are one picture.
    ///   - isSkipped: whether its picture is not asked for.
    ///   - isFaulty: whether it is counted as damaged itself.
    ///   - lacking: how often the decoder has lacked a picture so far.
    /// - Returns: how many pictures are known to be lost by now and were not before.
    package mutating func packet(at time: Double?, isSkipped: Bool, isFaulty: Bool, lacking: Int) -> Int {
        let lacks = lacking > self.lacking
        self.lacking = lacking
        guard let time else { return 0 }
        defer { last = time }
        let step = last.map { time - $0 } ?? 0
        learn(step)
        if step != 0, !isSkipped {
            silent += 1
            uncounted += isFaulty ? 0 : 1
        }
        guard pictures >= Self.settled else { return 0 }
        var lost = 0
        if lacks, afterGap < Self.reach {
            lost = max(1, missing)
            missing = 0
        }
        if silent > Self.silence {
            lost += uncounted
            uncounted = 0
        }
        return lost
    }

    private mutating func learn(_ step: Double) {
        guard step > 0, step < Self.jump * (usual ?? .infinity) else { return }
        if let usual, step > Self.gap * usual {
            afterGap = 0
            missing = Int((step / usual).rounded()) - 1
        } else {
            afterGap = min(afterGap + 1, Self.reach)
        }
        usual = usual.map { $0 + 0.1 * (min(step, 2 * $0) - $0) } ?? min(step, 1)
    }
}
