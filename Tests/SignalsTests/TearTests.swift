import Frames
import Signals
import Testing

/// Blocks of 16×16 that are not what the camera saw. Real damage is `SignalClipTests`'.
@Suite struct TearTests {
    private static let scene = DrawnScene()

    /// The scene, with blocks in the right half of it.
    private static let blocks = scene.view().enumerated().map { place, level in
        let (x, y) = (place % DrawnScene.width, place / DrawnScene.width)
        guard x >= DrawnScene.width / 2 else { return level }
        return (x / 16 + y / 16) % 2 == 0 ? 60 : 180
    }

    @Test func blocksThatComeAndGoAreDamage() {
        var camera = WatchedCamera.settled(before: Self.scene)
        for second in 0..<4 {
            let seen = camera.show(0..<8) { _ in Self.blocks }
            #expect(seen.contains(.torn), "\(second)")
            _ = camera.show(0..<12) { _ in Self.scene.view() }
            #expect(!camera.show(Self.scene.view()).contains(.torn), "\(second)")
        }
    }

    @Test func blocksThatStayBelongToThePicture() {
        var camera = WatchedCamera.settled(before: Self.scene)
        #expect(camera.show(0..<50) { _ in Self.blocks }.contains(.torn))
        #expect(!camera.show(0..<60) { _ in Self.blocks }.contains(.torn))
    }

    @Test func oneViewIsNoDamage() {
        var camera = WatchedCamera.settled(before: Self.scene)
        #expect(!camera.show(Self.blocks).contains(.torn))
        #expect(!camera.show(0..<40) { _ in Self.scene.view() }.contains(.torn))
    }
}
