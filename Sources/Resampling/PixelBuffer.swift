/// Owns bytes that are aligned for any vector instruction. A vector access may reach past the end.
package struct PixelBuffer: ~Copyable {
    package static let slack = 64
    package private(set) var pointer: UnsafeMutablePointer<UInt8>
    private var capacity: Int

    package init(_ capacity: Int = 0) {
        self.capacity = capacity
        pointer = PixelBuffer.allocate(capacity)
    }

    /// Makes room for `count` bytes. The content is lost, and earlier pointers become invalid.
    package mutating func reserve(_ count: Int) {
        guard count > capacity else { return }
        pointer.deallocate()
        pointer = PixelBuffer.allocate(count)
        capacity = count
    }

    private static func allocate(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        let raw = UnsafeMutableRawPointer.allocate(byteCount: count + slack, alignment: 64)
        return raw.initializeMemory(as: UInt8.self, repeating: 0, count: count + slack)
    }

    deinit { pointer.deallocate() }
}
