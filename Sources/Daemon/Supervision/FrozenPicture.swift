/// Detects a picture that stays the same to the last bit, as a camera sends it whose encoder hangs: the pictures of a
/// working camera have noise. Pure: the time comes with each call.
struct FrozenPicture: Sendable {
    /// How long a picture must stay the same; zero detects nothing.
    let after: Duration
    private var digest: Int?
    private var since = Duration.zero

    init(after: Duration) { self.after = after }

    /// Takes the next picture.
    ///
    /// - Returns: `after` if the picture has been the same for at least that long; else nil.
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
