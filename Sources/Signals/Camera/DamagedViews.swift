/// Leaves out the pictures that may still show what a decoder reported as damaged or lost. Pure; times are in seconds.
///
/// Damage is seen until a picture that needs no other. Most cameras send one every one to four seconds, some never do.
struct DamagedViews {
    /// A stream that is damaged all the time is looked at as it is.
    private static let patience = 10.0

    private var faults = 0
    private var since: Double?
    private var isInterrupted = false
    /// How long all that was left out took. For the judges no time passes then, so that what became of the view is a step.
    private var leftOut = 0.0

    /// Takes the next decoded picture.
    ///
    /// - Parameters:
    ///   - isIntra: whether it needs no other.
    ///   - faults: all that the decoder has reported so far.
    mutating func take(isIntra: Bool, faults: Int, at time: Double) {
        let isDamaged = faults > self.faults
        self.faults = faults
        if isDamaged {
            since = since ?? time
        } else if isIntra {
            since = nil
        }
        if include(time) { isInterrupted = true }
    }

    /// Whether a picture at this time may show damage.
    func include(_ time: Double) -> Bool { since.map { (0..<Self.patience).contains(time - $0) } ?? false }

    /// The judges' time.
    func judged(_ time: Double) -> Double { time - leftOut }

    /// Goes on with a picture that is looked at.
    ///
    /// - Parameter next: the judges' time for it if pictures were left out before it.
    mutating func resume(at time: Double, next: Double) {
        if isInterrupted { leftOut = max(leftOut, time - next) }
        isInterrupted = false
    }
}
