/// What the heads make their logits of: a window's video embedding and its mean patch features. Free of the window.
package struct WindowFeatures: Sendable, Equatable {
    /// [E], as the integration transformer gives it.
    package var video: [Float]
    /// [N−1, E] row-major, the mean over T, not yet normalised.
    package var visual: [Float]

    package init(video: [Float], visual: [Float]) {
        self.video = video
        self.visual = visual
    }

    /// The video embedding at length 1; as it is where it has none.
    package var unitVideo: [Float] {
        let length = video.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        return length > 0 ? video.map { Float(Double($0) / length) } : video
    }
}
