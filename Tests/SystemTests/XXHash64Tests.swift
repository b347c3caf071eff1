import Testing

@testable import System

/// Compares with xxHash 0.8.4, by the package xxhash of Python.
@Suite struct XXHash64Tests {
    private func hash(_ text: String, seed: UInt64 = 0) -> UInt64 {
        Array(text.utf8).withUnsafeBytes { XXHash64.hash($0, seed: seed) }
    }

    @Test func hashesEqualThoseOfTheReference() {
        #expect(hash("") == 0xef46_db37_51d8_e999)
        #expect(hash("a") == 0xd24e_c4f1_a98c_6e5b)
        #expect(hash("abc") == 0x44bc_2cf5_ad77_0999)
        #expect(hash(String(repeating: "x", count: 100)) == 0x92f0_de5a_88a3_c094)
        // Whole lanes, then a word, half a word and three bytes.
        #expect(hash(String(repeating: "watchword", count: 23), seed: 2_654_435_761) == 0x0bcd_c5a9_a60f_f522)
    }
}
