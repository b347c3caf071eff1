/// Leaves out the pictures that may still show what a decoder reported as damaged or lost. Pure; times are in seconds.
///
/// Damage is seen until a picture that needs no other. Most cameras send one every one to four seconds, some never do.
struct DamagedViews {
    /// A stream that is damaged for longer is looked at as it is.
    private static let patience = 10.0
    /// What is damaged again so soon still is.
    private static let respite = 3.0

    private var faults = 0
    private var isTorn = false
    private var begun = 0.0
    /// When a picture might show damage last.
    private(set) var last = -Double.infinity

    /// Takes the next decoded picture.
    ///
    /// - Parameters:
    ///   - isIntra: whether it needs no other.
    ///   - faults: all that the decoder has reported so far.
    mutating func take(isIntra: Bool, faults: Int, at time: Double) {
        // Times that go back are of another run of pictures.
        if time < last { (isTorn, last) = (false, -.infinity) }
        if faults > self.faults {
            if time - last > Self.respite { begun = time }
            isTorn = true
        } else if isIntra {
            isTorn = false
        }
        self.faults = faults
        if isTorn { last = time }
    }

    /// Whether a picture at this time is left out.
    func include(_ time: Double) -> Bool { isTorn && (0..<Self.patience).contains(time - begun) }
}
