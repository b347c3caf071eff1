import Testing

@testable import Daemon
@testable import System

@Suite struct FrozenPictureTests {
    private func observe(_ still: inout FrozenPicture, _ pixels: [UInt8], at seconds: Int) -> Duration? {
        pixels.withUnsafeBytes { still.observe($0, at: .seconds(seconds)) }
    }

    @Test func theSamePictureForLongIsFrozenAndOneBitFreesIt() {
        var still = FrozenPicture(after: .seconds(10))
        let picture = [UInt8](0..<48)
        #expect(observe(&still, picture, at: 100) == nil)
        #expect(observe(&still, picture, at: 109) == nil)
        #expect(observe(&still, picture, at: 110) == .seconds(10))
        #expect(observe(&still, picture, at: 200) == .seconds(10))
        var other = picture
        other[47] ^= 1
        #expect(observe(&still, other, at: 201) == nil)
        #expect(observe(&still, picture, at: 202) == nil)
        #expect(observe(&still, picture, at: 211) == nil)
    }

    @Test func zeroNeverFindsOne() {
        var still = FrozenPicture(after: .zero)
        #expect(observe(&still, [1], at: 0) == nil)
        #expect(observe(&still, [1], at: 100_000) == nil)
    }
}
