import Foundation
import Frames
import Signals
import Testing
import TestSupport

/// What a scene or its source does all the time is no trouble of the camera.
@Suite struct OwnMannerTests {
    private static let scene = DrawnScene()

    /// A film, or a recorder that shows one camera after another. The light of its clips differs.
    @Test func cutsThatComeAgainAndAgainAreReportedOnce() {
        var camera = WatchedCamera.settled(before: Self.scene)
        let clips = (0..<5).map { (clip: Int) -> [Double] in
            let light = clip % 2 == 0 ? 0.6 : 1.1
            return DrawnScene(seed: UInt64(30 + clip)).view().map { $0 * light }
        }
        #expect(camera.show(0..<45) { _ in clips[0] } == [.moved])
        for clip in clips.dropFirst() { #expect(camera.show(0..<45) { _ in clip } == []) }
    }

    /// A camera that is knocked again and again is seen on its way each time, in a picture that its motion blurs.
    @Test func knocksThatComeAgainAndAgainAreEachReported() {
        var camera = WatchedCamera.settled(before: Self.scene)
        for knock in 1...3 {
            let (early, late) = (Self.scene.view(x: 50 * knock - 35), Self.scene.view(x: 50 * knock - 15))
            camera.show(zip(early, late).map { ($0 + $1) / 2 })
            let after = Self.scene.view(x: 50 * knock)
            #expect(camera.show(0..<45) { _ in after } == [.moved], "knock \(knock)")
        }
    }

    /// Black, as of a lost video input, has no edges to cut to.
    @Test func blackIsNoCut() {
        var camera = WatchedCamera.settled(before: Self.scene)
        let black = [Double](repeating: 16, count: DrawnScene.width * DrawnScene.height)
        #expect(!camera.show(0..<25) { _ in black }.contains(.moved))
        #expect(!camera.show(0..<25) { _ in Self.scene.view() }.contains(.moved))
    }

    /// Coarse things stay, and over them passes what has fine detail, which then comes to an end: a belt that runs empty.
    @Test func detailThatPassedAndIsGoneIsNoLossOfFocus() {
        var camera = WatchedCamera()
        let ground = DrawnScene.blurred(Self.scene.view(), reach: 3)
        var generator = SeededGenerator(seed: 3)
        let grain = (0..<4096).map { _ in Double.random(in: -1...1, using: &generator) }
        let loads = [22.0, 6, 30, 12, 0, 18]
        func belt(_ index: Int, _ strength: Double) -> [Double] {
            ground.enumerated().map { place, level in
                let (x, y) = (place % DrawnScene.width, place / DrawnScene.width)
                // Loads of different fineness, with gaps.
                let along = x + 6 * index
                let load = strength * loads[along / 70 % loads.count]
                return level + load * grain[(along * 31 + y * 977) % grain.count]
            }
        }
        _ = camera.show(0..<150) { belt($0, 1) }
        #expect(!camera.show(150..<200) { belt($0, 0) }.contains(.defocus))
    }

    /// The same ground, whose own detail is lost.
    @Test func detailAtRestThatIsGoneIsALossOfFocus() {
        var camera = WatchedCamera()
        _ = camera.show(0..<150) { _ in Self.scene.view() }
        let soft = DrawnScene.blurred(Self.scene.view(), reach: 3)
        #expect(camera.show(0..<30) { _ in soft } == [.defocus])
    }

    /// A belt moves all over the picture, so that the camera may turn all the time for all that is known.
    @Test func aPictureThatNeverRestsAndRepeatsHasStopped() {
        var camera = WatchedCamera()
        func belt(_ index: Int) -> [Double] { Self.scene.view(x: abs((index + 50) % 200 - 100) * 3 - 150) }
        #expect(camera.show(0..<200) { belt($0) } == [])
        let last = belt(200).map { UInt8($0) }
        var seen: Set<CameraTrouble> = []
        for _ in 0..<30 { seen.formUnion(camera.show(last)) }
        #expect(seen == [.stopped])
    }

    /// Leaves before a still wall: not one cell in a hundred changes. Where even they do not, the picture stands.
    @Test func aPictureOfWhichLittleMovesHasStoppedWhenNothingDoes() {
        var camera = WatchedCamera()
        var generator = SeededGenerator(seed: 8)
        let still = Self.scene.view().map { UInt8($0) }
        func leaves() -> [UInt8] {
            var view = still
            for y in 60..<80 {
                for x in 90..<110 { view[y * DrawnScene.width + x] = UInt8.random(in: 60...180, using: &generator) }
            }
            return view
        }
        for _ in 0..<60 { #expect(camera.show(leaves()) == []) }
        let last = leaves()
        var seen: Set<CameraTrouble> = []
        for _ in 0..<30 { seen.formUnion(camera.show(last)) }
        #expect(seen == [.stopped])
    }
}
