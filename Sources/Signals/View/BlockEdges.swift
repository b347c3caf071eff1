/// Measures how many edges lie on the grid of a codec's blocks, beyond those that lie anywhere: what is left where blocks
/// were lost, and concealed. It needs no report from the decoder, so it finds damage that was decoded and coded again on the way.
enum BlockEdges {
    /// The side of a macroblock in H.264, and of what HEVC's larger blocks divide into.
    private static let pitch = 16
    /// Where no macroblock has a border. A camera that codes each picture alone has blocks of 8.
    private static let between = (5, 8, 11)
    /// Levels that an edge rises by, and how many times what the samples beside it do.
    private static let rise = 10
    private static let steepness = 3
    /// Of a border the samples that are looked at, and those that must show the edge.
    private static let samples = 4
    private static let enough = 3
    /// A straight line of the scene may lie on the grid: of a whole line of borders no more count.
    private static let most = 2
    /// A larger picture is looked at here and there, so that it costs four times as much at most.
    private static let across = 40
    /// In a small picture a few lines of the scene would be a large share: it counts as one of so many borders at least, which
    /// are about those of 640×360.
    private static let fewest = 1750

    /// One of the two directions in which a picture is crossed.
    private struct Axis {
        /// The distance between two samples, in bytes, and how many there are.
        let step: Int
        let count: Int
    }

    /// - Returns: in thousandths of the borders between blocks; 0 where none have an edge.
    static func share(_ plane: LumaPlane) -> Float {
        let across = Axis(step: plane.step, count: plane.width)
        let down = Axis(step: plane.strideBytes, count: plane.height)
        let stride = pitch * max(1, max(plane.width, plane.height) / (pitch * Self.across))
        let borders = 2 * (plane.width / stride) * (plane.height / stride)
        let edges = { (place: Int) in
            Self.edges(plane, across: across, along: down, from: place, stride)
                + Self.edges(plane, across: down, along: across, from: place, stride)
        }
        let (first, second, third) = between
        let elsewhere = max(edges(first), edges(second), edges(third))
        return 1000 * Float(max(0, edges(pitch) - elsewhere)) / Float(max(borders, fewest))
    }

    /// The borders with an edge at `first`, and every `stride` from there on.
    private static func edges(_ plane: LumaPlane, across: Axis, along: Axis, from first: Int, _ stride: Int) -> Int {
        var edges = 0
        for line in Swift.stride(from: first, to: across.count - 3, by: stride) {
            var found = 0
            for border in Swift.stride(from: 0, through: along.count - pitch, by: stride) where found < most {
                var shown = 0
                for sample in 0..<samples {
                    let place = border + (2 * sample + 1) * pitch / (2 * samples)
                    if isEdge(plane, line * across.step + place * along.step, across.step) { shown += 1 }
                }
                if shown >= enough { found += 1 }
            }
            edges += found
        }
        return edges
    }

    /// Whether the picture changes at once before the sample at `offset`, and hardly on either side of that.
    private static func isEdge(_ plane: LumaPlane, _ offset: Int, _ step: Int) -> Bool {
        let (before, here) = (plane.level(at: offset - step), plane.level(at: offset))
        let rise = abs(here - before)
        guard rise > Self.rise else { return false }
        let (earlier, earliest) = (plane.level(at: offset - 2 * step), plane.level(at: offset - 3 * step))
        let (later, latest) = (plane.level(at: offset + step), plane.level(at: offset + 2 * step))
        let beside = max(abs(before - earlier), abs(earlier - earliest), abs(later - here), abs(latest - later))
        return rise > steepness * beside
    }
}
