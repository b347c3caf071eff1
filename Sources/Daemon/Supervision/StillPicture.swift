/// Tells a picture that stands still to the last bit, as a camera's encoder that hangs sends it: what a living camera
/// sees has noise. Pure: the time comes with each call.
struct StillPicture: Sendable {
    /// Zero never finds one.
    let after: Duration
    private var digest: Int?
    private var since = Duration.zero

    init(after: Duration) { self.after = after }

    /// A picture came. Returns since how long it is the same where that is `after` or more, else nil.
    mutating func observe(_ pixels: UnsafeRawBufferPointer, at time: Duration) -> Duration? {
        guard after > .zero else { return nil }
        var hasher = Hasher()
        hasher.combine(bytes: pixels)
        let digest = hasher.finalize()
        guard digest == self.digest else {
            (self.digest, since) = (digest, time)
            return nil
        }
        return time - since >= after ? after : nil
    }
}
