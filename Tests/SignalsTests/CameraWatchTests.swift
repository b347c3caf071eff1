import CAllocationCount
import Foundation
import Frames
import Signals
import Testing

/// Views of a drawn scene, so that what the camera does is known to the pixel.
@Suite struct CameraWatchTests {
    private static let scene = DrawnScene()

    @Test(arguments: [
        (1, 0, CameraTrouble.panRight), (-1, 0, .panLeft), (0, 1, .tiltDown), (0, -1, .tiltUp),
    ])
    func aTurnIsSeenInItsDirectionAndEnds(x: Int, y: Int, trouble: CameraTrouble) {
        var camera = WatchedCamera.settled(before: Self.scene)
        // 90 pixels in 3 s, or half of that from top to bottom.
        let speed = x != 0 ? 3 : 2
        let seen = camera.show(1..<31) { Self.scene.view(x: speed * $0 * x, y: speed * $0 * y) }
        #expect(seen == [trouble])
        _ = camera.show(0..<10) { _ in Self.scene.view(x: 30 * speed * x, y: 30 * speed * y) }
        #expect(camera.show(0..<40) { _ in Self.scene.view(x: 30 * speed * x, y: 30 * speed * y) } == [])
    }

    @Test func anotherViewAtOnceIsMovedAndNoTurn() {
        var camera = WatchedCamera.settled(before: Self.scene)
        #expect(camera.show(0..<20) { _ in Self.scene.view(x: 70, y: -30) } == [.moved])
        #expect(camera.show(0..<40) { _ in Self.scene.view(x: 70, y: -30) } == [])
        // Back again.
        #expect(camera.show(0..<20) { _ in Self.scene.view() } == [.moved])
    }

    @Test func anotherSceneAtOnceIsMoved() {
        let other = DrawnScene(seed: 99)
        var camera = WatchedCamera.settled(before: Self.scene)
        #expect(camera.show(0..<20) { _ in other.view() } == [.moved])
    }

    /// To and fro by 2 % of the width, 2.5 times a second.
    @Test func toAndFroIsAShake() {
        var camera = WatchedCamera.settled(before: Self.scene)
        let seen = camera.show(0..<25) { Self.scene.view(x: [0, 6, 0, -6][$0 % 4]) }
        #expect(seen == [.shake])
    }

    @Test func aBlurOfOneAndAHalfPercentIsDefocus() {
        var camera = WatchedCamera.settled(before: Self.scene)
        let soft = DrawnScene.blurred(Self.scene.view(), reach: 2)
        #expect(camera.show(0..<20) { _ in soft } == [.defocus])
        #expect(camera.show(20..<30) { _ in Self.scene.view() } == [])
    }

    /// A hand comes from the side within half a second, and hides three quarters of the picture.
    @Test func aHandBeforeTheLensCoversIt() {
        var camera = WatchedCamera.settled(before: Self.scene)
        let seen = camera.show(0..<30) { index in
            let edge = Double(DrawnScene.width) * 0.75 * min(1, Double(index) / 5)
            return Self.scene.view().enumerated().map { place, level in
                let (x, y) = (place % DrawnScene.width, place / DrawnScene.width)
                return Double(x) < edge ? 60 + Double(y) / 6 : level
            }
        }
        #expect(seen == [.covered])
    }

    @Test(arguments: [(0.3, CameraTrouble.lightsOut), (0.7, .lightsOut), (1.35, .lightsOn)])
    func lightThatChangesAndStaysIsALamp(factor: Double, trouble: CameraTrouble) {
        var camera = WatchedCamera.settled(before: Self.scene)
        #expect(camera.show(0..<25) { _ in Self.scene.view().map { $0 * factor } } == [trouble])
    }

    @Test func aGlowThatComesAndGoesIsAFlash() {
        var camera = WatchedCamera.settled(before: Self.scene)
        let seen = camera.show(0..<40) { index in
            Self.scene.view().enumerated().map { place, level in
                let (x, y) = (Double(place % DrawnScene.width) - 200, Double(place / DrawnScene.width) - 60)
                return level + (index % 8 < 3 ? 130 * exp(-(x * x + y * y) / 5000) : 0)
            }
        }
        #expect(seen == [.flash])
    }

    @Test func aLivelyPictureThatRepeatsHasStopped() {
        var camera = WatchedCamera()
        for _ in 0..<200 { camera.show(Self.scene.view()) }
        let last = Self.scene.view().map { UInt8($0) }
        var seen: [Set<CameraTrouble>] = []
        for _ in 0..<30 { seen.append(camera.show(last)) }
        #expect(seen.prefix(10).allSatisfy { $0 == [] })
        #expect(seen.suffix(10).allSatisfy { $0 == [.stopped] })
    }

    /// That it was lively is known after two seconds.
    @Test func aPictureThatStopsSoonAfterTheStartHasStopped() {
        var camera = WatchedCamera()
        for _ in 0..<40 { camera.show(Self.scene.view()) }
        let last = Self.scene.view().map { UInt8($0) }
        var seen: Set<CameraTrouble> = []
        for _ in 0..<30 { seen.formUnion(camera.show(last)) }
        #expect(seen == [.stopped])
    }

    /// What never rests is the scene: things on a belt, all over the picture or before a frame that stays.
    @Test(arguments: [DrawnScene.height, 150, 110])
    func aConveyorIsNoTurn(belt: Int) {
        var camera = WatchedCamera()
        let frame = DrawnScene(seed: 42).view()
        let seen = camera.show(0..<400) { index in
            // To and fro, as belts and films of belts go.
            let at = abs((index + 50) % 200 - 100) * 3 - 150
            return Self.scene.view(x: at).enumerated().map { place, level in
                place / DrawnScene.width < belt ? level : frame[place]
            }
        }
        #expect(seen == [])
    }

    /// A loss of focus that leaves little is no other view.
    @Test(arguments: [2, 4, 7])
    func aBlurIsNoKnock(reach: Int) {
        var camera = WatchedCamera.settled(before: Self.scene)
        let soft = DrawnScene.blurred(Self.scene.view(), reach: reach)
        #expect(!camera.show(0..<20) { _ in soft }.contains(.moved))
        #expect(!camera.show(0..<20) { _ in Self.scene.view() }.contains(.moved))
    }

    @Test func aSceneThatIsAlwaysStillHasNotStopped() {
        var camera = WatchedCamera()
        let still = Self.scene.view().map { UInt8($0) }
        for _ in 0..<300 { #expect(camera.show(still) == []) }
    }

    /// What looks like trouble of the camera, and is none.
    @Test(arguments: ["an object of half the picture crosses", "a light swings", "the sun goes down", "people pass"])
    func falseFriends(name: String) {
        let object = DrawnScene(seed: 42).view()
        var camera = WatchedCamera.settled(before: Self.scene)
        let (width, height) = (DrawnScene.width, DrawnScene.height)
        let seen = camera.show(0..<80) { index in
            Self.scene.view().enumerated().map { place, level in
                let (x, y) = (place % width, place / width)
                switch name {
                case "an object of half the picture crosses":
                    let left = index * 8 - width / 2
                    return x >= left && x < left + width / 2 ? object[y * width + x - left] : level
                case "a light swings":
                    let at = Double(width) * (0.5 + 0.4 * sin(Double(index) * 0.35))
                    return level * (0.7 + 0.5 * exp(-pow((Double(x) - at) / 70, 2)))
                case "the sun goes down": return level * (1 - Double(index) / 400)
                default:
                    for person in 0..<5 {
                        let left = (index * (person % 2 == 0 ? 4 : -3) + person * 90) % (width + 60) - 30
                        if x >= left, x < left + 24, y > 40, y < height - 20 { return object[y * width + x - left] }
                    }
                    return level
                }
            }
        }
        #expect(seen == [])
    }

    @Test func watchingAllocatesNothingOnceTheSizeIsKnown() {
        var watch = CameraWatch()
        let bytes = (0..<12).map { shift in Self.scene.view(x: 9 * shift).map { UInt8($0) } }
        func show(_ index: Int) {
            bytes[index % bytes.count].withUnsafeBufferPointer { bytes in
                guard let start = bytes.baseAddress else { return }
                let plane = LumaPlane(
                    start: start,
                    width: DrawnScene.width,
                    height: DrawnScene.height,
                    strideBytes: DrawnScene.width
                )
                watch.watch(plane, at: Double(index) / 10)
            }
        }
        for index in 0..<24 { show(index) }
        let before = allocation_count_of_thread()
        // Through a pan, and cuts from view to view.
        for index in 24..<60 { show(index) }
        for index in 60..<120 { show(60 + index / 20 * 5) }
        #expect(allocation_count_of_thread() == before)
    }

    @Test func aTinyPictureIsNotWatched() {
        var watch = CameraWatch()
        let bytes = [UInt8](repeating: 9, count: 64)
        bytes.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return }
            for index in 0..<40 {
                watch.watch(LumaPlane(start: start, width: 7, height: 5, strideBytes: 7), at: Double(index) / 10)
            }
        }
        #expect(watch.takeMeasures() == CameraMeasures())
    }

    /// Sixteen bits a sample, of which ten count, are the picture of eight.
    @Test func aPictureOfTenBitsIsWatched() {
        var watch = CameraWatch()
        for index in 0..<60 {
            let view = Self.scene.view(x: max(0, index - 30) * 3)
            let samples = view.map { UInt16($0) << 2 }
            samples.withUnsafeBytes { bytes in
                guard let start = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
                let plane = LumaPlane(
                    start: start,
                    width: DrawnScene.width,
                    height: DrawnScene.height,
                    strideBytes: 2 * DrawnScene.width,
                    step: 2,
                    shift: 2
                )
                watch.watch(plane, at: Double(index) / 10)
            }
        }
        #expect(watch.takeMeasures()[.panRight] == 1)
    }
}
