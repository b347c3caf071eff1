/// Leaves out the pictures that may still show what a decoder reported as damaged or lost. Pure; times are in seconds.
///
/// Damage is seen until a picture that needs no other. Most cameras send one every one to four seconds, some never do.
struct DamagedViews {
    /// A stream that is damaged all the time is looked at as it is.
    private static let patience = 10.0

    private var faults = 0
    private var since: Double?
    /// When a picture was left out last.
    private(set) var last = -Double.infinity

    /// Takes the next decoded picture.
    ///
    /// - Parameters:
    ///   - isIntra: whether it needs no other.
    ///   - faults: all that the decoder has reported so far.
    mutating func take(isIntra: Bool, faults: Int, at time: Double) {
        // Times that go back are of another run of pictures.
        if time < last { (since, last) = (nil, -.infinity) }
        let isDamaged = faults > self.faults
        self.faults = faults
        if isDamaged {
            since = since ?? time
        } else if isIntra {
            since = nil
        }
        if include(time) { last = time }
    }

    /// Whether a picture at this time may show damage.
    func include(_ time: Double) -> Bool { since.map { (0..<Self.patience).contains(time - $0) } ?? false }
}
