/// The consumers of a source beside the model. Each is optional, and none can delay the source.
package struct SourceTaps: Sendable {
    /// Takes the newest picture while someone requests it.
    package var newest: PictureTap?
    /// Keeps the pictures sampled last.
    package var history: PictureHistory?
    /// Keeps the packets received last.
    package var packets: PacketRing?

    package init(newest: PictureTap? = nil, history: PictureHistory? = nil, packets: PacketRing? = nil) {
        self.newest = newest
        self.history = history
        self.packets = packets
    }
}
