/// Identifiers that no other will have: UUIDs of version 4 (RFC 9562), in lower case.
///
/// The random bits come from a system call. Foundation's `UUID` reads a device instead, and makes the same identifier each
/// time once the process has no descriptors left.
package enum RandomIdentifier {
    package static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        let high = generator.next() & 0xffff_ffff_ffff_0fff | 0x4000
        let low = generator.next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
        let digits = Array((hexadecimal(high) + hexadecimal(low)))
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }

    private static func hexadecimal(_ bits: UInt64) -> String {
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
