/// The integration transformer's positions, [T, E], for another number of frames than they were trained for.
enum FramePositions {
    /// Linear interpolation along T, as PyTorch's `interpolate(mode="linear", align_corners=False)`: the frames keep their
    /// places in the window, whose ends hold the first and the last position.
    ///
    /// - Parameters:
    ///   - positions: [T, E] row-major, as trained.
    ///   - width: E.
    ///   - frames: the frames wanted.
    /// - Returns: [frames, E].
    static func interpolated(_ positions: [Float], width: Int, to frames: Int) -> [Float] {
        let trained = positions.count / width
        guard frames != trained else { return positions }
        let step = Float(trained) / Float(frames)
        var result: [Float] = []
        result.reserveCapacity(frames * width)
        for frame in 0..<frames {
            let place = max(0, step * (Float(frame) + 0.5) - 0.5)
            let first = min(Int(place), trained - 1)
            let second = min(first + 1, trained - 1)
            let share = place - Float(first)
            for column in 0..<width {
                result.append(
                    (1 - share) * positions[first * width + column] + share * positions[second * width + column]
                )
            }
        }
        return result
    }
}
