/// A small picture in the layout that JPEG uses: a luma plane at full size and two chroma planes at half size, full
/// range.
package struct PlanarPicture: Sendable {
    package let width: Int
    package let height: Int
    /// The three planes in sequence, with rows without padding.
    package var bytes: [UInt8]

    /// A picture of zero bytes. Both sides must be even.
    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        bytes = [UInt8](repeating: 0, count: width * height * 3 / 2)
    }

    /// A picture of these planes. Returns nil if their size is not that of a picture at most `widest` pixels wide.
    package init?(width: Int, height: Int, widest: Int, planes: UnsafeRawBufferPointer) {
        guard (16...max(16, widest)).contains(width), (16...max(16, widest * 4)).contains(height),
            width % 2 == 0, height % 2 == 0, planes.count >= width * height * 3 / 2
        else { return nil }
        self.width = width
        self.height = height
        bytes = Array(planes.prefix(width * height * 3 / 2))
    }

    /// The most bytes of a picture at most `widest` pixels wide.
    package static func mostBytes(widest: Int) -> Int { max(16, widest) * max(16, widest * 4) * 3 / 2 }

    /// The largest size with this aspect ratio that is at most `widest` pixels wide. Both sides are even and at least
    /// 16.
    static func size(of width: Int, _ height: Int, widest: Int) -> (width: Int, height: Int) {
        let fitted = min(width, widest)
        let scaled = (Double(height) * Double(fitted) / Double(max(1, width))).rounded()
        let tall = Int(min(scaled, Double(widest * 4)))
        return (max(16, fitted & ~1), max(16, tall & ~1))
    }

    /// Lends the planes' addresses and their rows' lengths in bytes.
    mutating func withPlanes<Result>(
        _ body: (_ planes: [UnsafeMutablePointer<UInt8>?], _ strides: [Int32]) -> Result
    ) -> Result {
        let (luma, chroma) = (width * height, width * height / 4)
        let strides = [Int32(width), Int32(width / 2), Int32(width / 2), 0]
        return bytes.withUnsafeMutableBufferPointer { bytes in
            let start = bytes.baseAddress
            return body([start, start.map { $0 + luma }, start.map { $0 + luma + chroma }, nil], strides)
        }
    }
}
