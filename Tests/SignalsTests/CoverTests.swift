import Foundation
import Frames
import Signals
import Testing

/// What hides the view.
@Suite struct CoverTests {
    private static let scene = DrawnScene()

    /// The scene as far as `edge`, from the right, and a cloth from there on that is out of focus and has folds.
    private func cloth(from edge: Double) -> [Double] {
        Self.scene.view().enumerated().map { place, level in
            let (x, y) = (Double(place % DrawnScene.width), Double(place / DrawnScene.width))
            return x < edge ? level : 70 + 12 * sin(x / 9) * cos(y / 11)
        }
    }

    @Test func aClothWithFoldsCovers() {
        var camera = WatchedCamera.settled(before: Self.scene)
        let seen = camera.show(0..<30) { cloth(from: Double(DrawnScene.width) * (1 - 0.8 * min(1, Double($0) / 6))) }
        #expect(seen == [.covered])
    }

    /// What stays for more than an hour is the view, and was no knock.
    @Test func aCoverThatStaysIsTheViewAfterAnHour() {
        var camera = WatchedCamera.settled(before: Self.scene)
        let cloth = cloth(from: 0.2 * Double(DrawnScene.width))
        let width = Double(DrawnScene.width)
        #expect(camera.show(0..<20) { self.cloth(from: width * (1 - 0.8 * min(1, Double($0) / 6))) } == [.covered])
        for _ in 0..<880 {
            camera.start += 3.9
            #expect(camera.show(cloth) == [.covered])
        }
        #expect(camera.show(0..<900) { _ in cloth }.isSubset(of: [.covered]))
        for _ in 0..<60 { #expect(camera.show(cloth) == []) }
    }

    /// It comes within the second, and stays for as long as it likes: what the view was like is not forgotten.
    @Test func aCoverThatComesSlowlyCoversUntilItIsTaken() {
        var camera = WatchedCamera.settled(before: Self.scene)
        _ = camera.show(0..<20) { cloth(from: Double(DrawnScene.width) * (1 - 0.8 * min(1, Double($0) / 9))) }
        for _ in 0..<60 { #expect(camera.show(cloth(from: 0.2 * Double(DrawnScene.width))) == [.covered]) }
        _ = camera.show(Self.scene.view())
        #expect(camera.show(0..<20) { _ in Self.scene.view() } == [])
    }
}
