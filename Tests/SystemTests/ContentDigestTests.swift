import Foundation
import Testing

@testable import System

/// Compares with the examples of FIPS 180-2.
@Suite struct ContentDigestTests {
    private func digest(_ texts: [String]) -> String {
        var digest = ContentDigest()
        for text in texts { digest.add(text) }
        return digest.finish()
    }

    @Test func digestsEqualThePublishedExamples() {
        #expect(digest(["abc"]) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(digest([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            digest(["abcdbcdecdefdefgefghfghighijhi", "", "jkijkljklmklmnlmnomnopnopq"])
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        )
    }
}
