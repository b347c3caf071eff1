import Signals
import Testing

@Suite struct LostPicturesTests {
    /// Half a minute of a stream at ten pictures a second.
    private func settled() -> LostPictures {
        var lost = LostPictures()
        for index in 0..<300 {
            let missing = lost.packet(at: Double(index) / 10, isSkipped: false, lacking: 0)
            #expect(missing == 0)
            lost.picture()
        }
        return lost
    }

    @Test func aPictureThatIsLackedAfterAGapWasLost() {
        var lost = settled()
        // A decoder with threads says it some packets later.
        let missing = [0, 1, 1].enumerated().map { index, lacking in
            lost.packet(at: 30.2 + Double(index) / 10, isSkipped: false, lacking: lacking)
        }
        #expect(missing == [0, 1, 0])
    }

    @Test func aPictureThatIsLackedWithoutAGapWasNeverSent() {
        var lost = settled()
        for index in 0..<30 {
            let missing = lost.packet(at: 30 + Double(index) / 10, isSkipped: false, lacking: index)
            #expect(missing == 0)
            lost.picture()
        }
    }

    @Test func packetsWithoutPicturesAreLost() {
        var lost = settled()
        let missing = (0..<10).map { lost.packet(at: 30 + Double($0) / 10, isSkipped: false, lacking: 0) }
        #expect(missing == [0, 0, 0, 0, 5, 1, 1, 1, 1, 1])
    }

    /// Some cameras send what describes a picture in packets of its own.
    @Test func packetsOfOneTimeAreOnePicture() {
        var lost = settled()
        let missing = (0..<10).map { _ in lost.packet(at: 30, isSkipped: false, lacking: 0) }
        #expect(missing.allSatisfy { $0 == 0 })
    }

    @Test func picturesThatNobodyAskedForAreNotMissed() {
        var lost = settled()
        let missing = (0..<20).map { lost.packet(at: 30 + Double($0) / 10, isSkipped: true, lacking: 0) }
        #expect(missing.allSatisfy { $0 == 0 })
    }

    @Test func aStreamThatIsJoinedLacksSomeAtFirst() {
        var lost = LostPictures()
        let missing = (0..<15).map { lost.packet(at: Double($0) * Double($0), isSkipped: false, lacking: $0) }
        #expect(missing.allSatisfy { $0 == 0 })
    }
}
