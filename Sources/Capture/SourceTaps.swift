/// Who else gets what a source reads, beside the model. All of it optional, and none of it can hold the source up.
package struct SourceTaps: Sendable {
    /// The newest picture, while somebody asks for it.
    package var newest: PictureTap?
    /// The pictures that were sampled last.
    package var history: PictureHistory?
    /// The packets that came last.
    package var packets: PacketRing?

    package init(newest: PictureTap? = nil, history: PictureHistory? = nil, packets: PacketRing? = nil) {
        self.newest = newest
        self.history = history
        self.packets = packets
    }
}
