import Frames
import Signals
import Testing

/// What a decoder reports as damaged is not what the camera did. Streams that are really damaged are `SignalClipTests`'.
@Suite struct DamagedViewsTests {
    private static let scene = DrawnScene()
    /// As a slice that was concealed by another place's looks.
    private static let torn = scene.view(x: 70, y: -30)

    /// A picture in thirty needs no other, and one of the damaged time is reported.
    private func show(
        _ camera: inout WatchedCamera,
        _ pictures: Range<Int>,
        damagedAt damaged: Int? = nil,
        _ view: (Int) -> [Double]
    ) -> Set<CameraTrouble> {
        pictures.reduce(into: []) { seen, index in
            seen.formUnion(camera.show(view(index), isIntra: index % 30 == 0, isDamaged: index == damaged))
        }
    }

    @Test func aTornPictureIsNoKnock() {
        var camera = WatchedCamera.settled(before: Self.scene)
        // The same views are a knock there and back, where no decoder reports anything.
        var other = camera
        func view(_ index: Int) -> [Double] { 5..<30 ~= index ? Self.torn : Self.scene.view() }
        let (damaged, whole) = (show(&camera, 0..<80, damagedAt: 5, view), show(&other, 0..<80, view))
        #expect(damaged == [] && whole == [.moved])
    }

    /// Some streams have no picture that needs no other, and some are damaged all the time, or again after each such picture.
    @Test(arguments: [(false, 1000), (true, 1000), (true, 20)])
    func noStreamIsBlindForLongerThanTenSeconds(isAlwaysDamaged: Bool, keyInterval: Int) {
        var camera = WatchedCamera.settled(before: Self.scene)
        var seen: Set<CameraTrouble> = []
        for index in 0..<140 {
            let view = index < 115 ? Self.scene.view() : Self.torn
            let isIntra = index % keyInterval == keyInterval - 1
            let isDamaged = index == 0 || isAlwaysDamaged && !isIntra
            seen.formUnion(camera.show(view, isIntra: isIntra, isDamaged: isDamaged))
        }
        #expect(seen == [.moved])
    }

    /// A lens stays covered, whatever becomes of the stream.
    @Test func aCoverLastsThroughDamage() {
        var camera = WatchedCamera.settled(before: Self.scene)
        func covered(_ index: Int) -> [Double] {
            let edge = Double(DrawnScene.width) * 0.75 * min(1, Double(index) / 5)
            return Self.scene.view().enumerated().map { place, level in
                Double(place % DrawnScene.width) < edge ? 60 + Double(place / DrawnScene.width) / 6 : level
            }
        }
        _ = show(&camera, 1..<29, covered)
        for index in 1..<59 {
            #expect(camera.show(covered(5), isIntra: index == 30, isDamaged: index == 10) == [.covered], "\(index)")
        }
    }
}
