/// How much of each frame's work the next one uses again.
package enum ReuseLevel: String, Sendable, CaseIterable {
    /// The paper's model on the whole window.
    case exact
    /// Each frame is encoded once, and the class tokens of the earlier frames are updated to it.
    case sweep
    /// Each frame is encoded once, against the cached messages of the earlier frames.
    case cached
}
