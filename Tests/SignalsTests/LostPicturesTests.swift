import Signals
import Testing

@Suite struct LostPicturesTests {
    /// Half a minute of a stream at ten pictures a second.
    private func settled() -> LostPictures {
        var lost = LostPictures()
        for index in 0..<300 {
            let missing = lost.packet(at: Double(index) / 10, isSkipped: false, isFaulty: false, lacking: 0)
            #expect(missing == 0)
            lost.picture()
        }
        return lost
    }

    @Test(arguments: [1, 5, 30])
    func picturesThatAreLackedAfterAGapWereLost(count: Int) {
        var lost = settled()
        let back = 30 + Double(count) / 10
        // A decoder with threads says it some packets later.
        let missing = [0, 1, 1, 1].enumerated().map { index, lacking in
            defer { lost.picture() }
            return lost.packet(at: back + Double(index) / 10, isSkipped: false, isFaulty: false, lacking: lacking)
        }
        #expect(missing == [0, count, 0, 0])
    }

    @Test func aPictureThatIsLackedWithoutAGapWasNeverSent() {
        var lost = settled()
        for index in 0..<30 {
            let missing = lost.packet(at: 30 + Double(index) / 10, isSkipped: false, isFaulty: false, lacking: index)
            #expect(missing == 0)
            lost.picture()
        }
    }

    /// Neither the first step back nor a clock that jumps makes every step a gap.
    @Test(arguments: [[5, 4.9], [5, 1_700_000_000]])
    func oneOddStepIsForgotten(first: [Double]) {
        var lost = LostPictures()
        for time in first { _ = lost.packet(at: time, isSkipped: false, isFaulty: false, lacking: 0) }
        for index in 1..<300 {
            let time = first[1] + Double(index) / 10
            let missing = lost.packet(at: time, isSkipped: false, isFaulty: false, lacking: index)
            #expect(missing == 0 || index < 40)
            lost.picture()
        }
    }

    @Test func packetsWithoutPicturesAreLost() {
        var lost = settled()
        let missing = (0..<10).map {
            lost.packet(at: 30 + Double($0) / 10, isSkipped: false, isFaulty: $0 == 2, lacking: 0)
        }
        #expect(missing == [0, 0, 0, 0, 4, 1, 1, 1, 1, 1])
    }

    /// Some cameras send what describes a picture in packets of its own.
    @Test func packetsOfOneTimeAreOnePicture() {
        var lost = settled()
        let missing = (0..<40).map {
            lost.packet(at: 30 + Double($0 / 8) / 10, isSkipped: false, isFaulty: false, lacking: 0)
        }
        #expect(missing.reduce(0, +) == 5)
    }

    @Test func picturesThatNobodyAskedForAreNotMissed() {
        var lost = settled()
        let missing = (0..<20).map {
            lost.packet(at: 30 + Double($0) / 10, isSkipped: true, isFaulty: false, lacking: 0)
        }
        #expect(missing.allSatisfy { $0 == 0 })
    }

    @Test func aStreamThatIsJoinedLacksSomeAtFirst() {
        var lost = LostPictures()
        let missing = (0..<20).map { index in
            defer { lost.picture() }
            return lost.packet(at: Double(3 * index - index % 2), isSkipped: false, isFaulty: false, lacking: index)
        }
        #expect(missing.prefix(16).allSatisfy { $0 == 0 } && missing.contains { $0 > 0 })
    }
}
