internal import CLibAV

/// How a decoded picture is turned for display: one of the eight ways in which a rectangle maps onto itself.
///
/// `transposes` applies first (rows become columns). The flips apply to the transposed picture.
struct Orientation: Sendable, Equatable {
    var transposes = false
    var flipsHorizontally = false
    var flipsVertically = false

    static let upright = Orientation()

    init(transposes: Bool = false, flipsHorizontally: Bool = false, flipsVertically: Bool = false) {
        self.transposes = transposes
        self.flipsHorizontally = flipsHorizontally
        self.flipsVertically = flipsVertically
    }

    /// Reads a display matrix as ffmpeg's autorotation does. An angle that is not a multiple of 90° counts as upright.
    init(displayMatrix matrix: UnsafePointer<Int32>) {
        self.init()
        let angle = -av_display_rotation_get(matrix).rounded()
        guard angle.isFinite else { return }
        switch angle - 360 * (angle / 360 + 0.9 / 360).rounded(.down) {
        case 90:
            // "clock", or "cclock_flip" for a mirrored picture.
            transposes = true
            flipsHorizontally = !(matrix[3] > 0)
        case 180:
            flipsHorizontally = matrix[0] < 0
            flipsVertically = matrix[4] < 0
        case 270:
            // "cclock", or "clock_flip" for a mirrored picture.
            transposes = true
            flipsHorizontally = matrix[3] < 0
            flipsVertically = true
        case 0:
            flipsVertically = matrix[4] < 0
        default:
            break
        }
    }

    /// The clockwise rotation in degrees. A mirrored picture counts as the rotation that its axes show.
    var rotation: Int {
        switch (transposes, flipsHorizontally, flipsVertically) {
        case (true, _, false): 90
        case (true, _, true): 270
        case (false, true, _): 180
        case (false, false, _): 0
        }
    }

    /// Writes the turned picture. It walks both pictures in square tiles, so that neither side leaves the cache.
    ///
    /// - Parameters:
    ///   - source: `height` rows of `width` pixels, three bytes each.
    ///   - width: the source's width in pixels.
    ///   - height: the source's height in pixels.
    ///   - strideBytes: the distance between the source's rows.
    ///   - output: receives the turned picture, with packed rows.
    func turn(
        _ source: UnsafePointer<UInt8>,
        width: Int,
        height: Int,
        strideBytes: Int,
        into output: UnsafeMutablePointer<UInt8>
    ) {
        let outputWidth = transposes ? height : width
        let outputHeight = transposes ? width : height
        // How far the output moves when the source moves by a pixel to the right, or down.
        let column = (flipsHorizontally ? -3 : 3), row = (flipsVertically ? -3 : 3) * outputWidth
        let (right, down) = transposes ? (row, column) : (column, row)
        let start =
            (flipsHorizontally ? (outputWidth - 1) * 3 : 0)
            + (flipsVertically ? (outputHeight - 1) * outputWidth * 3 : 0)
        let tile = 32
        for top in stride(from: 0, to: height, by: tile) {
            for left in stride(from: 0, to: width, by: tile) {
                for y in top..<min(top + tile, height) {
                    var from = source + y * strideBytes + left * 3
                    var to = output + start + y * down + left * right
                    for _ in left..<min(left + tile, width) {
                        (to[0], to[1], to[2]) = (from[0], from[1], from[2])
                        from += 3
                        to += right
                    }
                }
            }
        }
    }
}
