/// The luma of a decoded picture, where the decoder left it.
package struct LumaPlane {
    /// The first sample of the first row.
    package let start: UnsafePointer<UInt8>
    package let width: Int
    package let height: Int
    /// The distance between two rows; negative where the rows are stored from the bottom.
    package let strideBytes: Int
    /// The distance between two samples in bytes.
    package let step: Int
    /// How far a sample of more than 8 bits, in two bytes of the machine's order, is shifted down; nil for one byte.
    package let shift: Int?

    package init(
        start: UnsafePointer<UInt8>,
        width: Int,
        height: Int,
        strideBytes: Int,
        step: Int = 1,
        shift: Int? = nil
    ) {
        self.start = start
        self.width = width
        self.height = height
        self.strideBytes = strideBytes
        self.step = step
        self.shift = shift
    }

    /// A sample as one of 8 bits.
    ///
    /// - Parameter offset: its distance from `start` in bytes.
    func level(at offset: Int) -> Int {
        guard let shift else { return Int(start[offset]) }
        let wide = UnsafeRawPointer(start + offset).loadUnaligned(as: UInt16.self)
        return Int(UInt8(truncatingIfNeeded: wide >> UInt16(shift)))
    }
}
