import Frames
import Signals
import Testing

/// What was measured before says nothing of what comes after.
@Suite struct NewBeginningTests {
    private static let scene = DrawnScene()

    /// The same view at twice the size has half of the detail from sample to sample.
    @Test func anotherSizeIsNoLossOfFocus() {
        let (width, height) = (DrawnScene.width, DrawnScene.height)
        let small = Self.scene.view().map { UInt8($0) }
        var large = [UInt8](repeating: 0, count: 4 * width * height)
        for index in large.indices {
            large[index] = small[index / (2 * width) / 2 * width + index % (2 * width) / 2]
        }
        var camera = WatchedCamera()
        for _ in 0..<60 { #expect(camera.show(small) == []) }
        for _ in 0..<60 { #expect(camera.show(large, scale: 2) == []) }
        for _ in 0..<60 { #expect(camera.show(small) == []) }
    }

    /// A file may begin at any time.
    @Test(arguments: [-100.0, -3, 1e9]) func aFileMayBeginAtAnyTime(start: Double) {
        var camera = WatchedCamera()
        camera.start = start
        for _ in 0..<40 { #expect(camera.show(Self.scene.view()) == []) }
    }

    /// Fog takes most of the colours. Only what takes them all, as infra-red does, has an end.
    @Test(arguments: [(1.0, false), (0.2, true)]) func dayEndsWhatHadNoColours(colour: Float, isDay: Bool) {
        var camera = WatchedCamera()
        var seen: Set<CameraTrouble> = []
        for index in 0..<120 {
            if index % 5 == 4 {
                var picture = PictureMeasures()
                (picture.light, picture.likeness) = (150, 1)
                picture.colour = (60..<90).contains(index) ? colour : 20
                camera.note(picture)
            }
            seen.formUnion(camera.show(Self.scene.view()))
        }
        #expect(seen == (isDay ? [.day] : []))
    }

    /// Colours of another scene do not end the night of the one before.
    @Test(arguments: [(0, []), (0.6, [.day])] as [(Float, Set<CameraTrouble>)])
    func dayShowsWhatTheNightShowed(likeness: Float, expected: Set<CameraTrouble>) {
        var camera = WatchedCamera()
        var seen: Set<CameraTrouble> = []
        for index in 0..<120 {
            if index % 5 == 4 {
                var picture = PictureMeasures()
                (picture.light, picture.colour) = (150, (60..<90).contains(index) ? 0 : 20)
                picture.likeness = index < 90 ? 1 : likeness
                camera.note(picture)
            }
            seen.formUnion(camera.show(Self.scene.view()))
        }
        #expect(seen == expected)
    }

    /// A camera that begins, as after a cut, finds its exposure first.
    @Test func exposureAfterACutIsNoLamp() {
        var camera = WatchedCamera.settled(before: Self.scene)
        let other = DrawnScene(seed: 99).view()
        #expect(camera.show(0..<12) { _ in other.map { $0 * 0.5 } } == [.moved])
        #expect(!camera.show(0..<40) { _ in other }.contains(.lightsOn))
        // Later it is one.
        #expect(camera.show(0..<25) { _ in other.map { $0 * 0.5 } } == [.lightsOut])
    }
}
