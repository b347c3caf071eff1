import Testing

@testable import Frames

@Suite struct FrameRingTests {
    private func publish(_ ring: FrameRing, _ value: UInt8) {
        ring.writeBuffer.update(repeating: value)
        ring.publish(SampledFrame(time: Double(value), ticks: Int(value)..<Int(value) + 1), epoch: 1, arrival: .zero)
    }

    @Test func newestWinsAndDropsAreCounted() {
        let ring = FrameRing(byteCount: 4)
        #expect(ring.take()?.frame == nil)
        for value in 1...3 { publish(ring, UInt8(value)) }
        let picture = ring.take()
        #expect(picture?.frame.time == 3)
        #expect(picture?.pixels[0] == 3)
        #expect(ring.take()?.frame == nil)
        #expect(ring.counts == FrameRing.Counts(published: 3, dropped: 2))
    }

    @Test func takenPictureIsNotOverwritten() {
        let ring = FrameRing(byteCount: 4)
        publish(ring, 1)
        let picture = ring.take()
        for value in 2...9 { publish(ring, UInt8(value)) }
        #expect(picture?.pixels[3] == 1)
        #expect(ring.take()?.frame.time == 9)
    }

    @Test func discardedPictureIsCountedAndTheTakenOneStays() {
        let ring = FrameRing(byteCount: 4)
        publish(ring, 1)
        let picture = ring.take()
        ring.discard()
        #expect(ring.counts.discarded == 0)
        publish(ring, 2)
        ring.discard()
        #expect(ring.take() == nil && ring.counts == FrameRing.Counts(published: 2, dropped: 0, discarded: 1))
        for value in 3...5 { publish(ring, UInt8(value)) }
        #expect(picture?.pixels[0] == 1 && ring.take()?.pixels[0] == 5)
    }

    @Test func picturesAreWholeAndInOrderUnderPressure() async {
        let ring = FrameRing(byteCount: 5000)
        let last = 20_000
        async let torn = consume(ring, last: last)
        await Task.detached {
            for step in 1...last {
                ring.writeBuffer.update(repeating: UInt8(step % 251))
                ring.publish(SampledFrame(time: Double(step), ticks: step..<step + 1), epoch: 1, arrival: .zero)
            }
        }.value
        #expect(await torn == 0)
    }

    /// Takes pictures until the last one and counts those that are torn or out of order.
    @concurrent private func consume(_ ring: FrameRing, last: Int) async -> Int {
        var (torn, newest) = (0, 0.0)
        while newest < Double(last) {
            guard let picture = ring.take() else {
                await Task.yield()
                continue
            }
            let first = picture.pixels[0]
            if UnsafeBufferPointer(start: picture.pixels, count: 5000).contains(where: { $0 != first }) { torn += 1 }
            if picture.frame.time <= newest { torn += 1 }
            newest = picture.frame.time
        }
        return torn
    }
}
