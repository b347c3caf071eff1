import Frames
import Signals
import Testing

/// What the camera does is seen although much of its picture moves by itself, or shows next to nothing.
@Suite struct LivelySceneTests {
    private static let scene = DrawnScene()
    private static let object = DrawnScene(seed: 42).view()

    /// A road of a few levels. A car drives on it all the time, down the picture.
    private static func road(_ index: Int, x: Int = 0, y: Int = 0) -> [Double] {
        let (width, height) = (DrawnScene.width, DrawnScene.height)
        let top = index * 7 % (2 * height) - 60
        return scene.view(x: x, y: y).enumerated().map { place, level in
            let (column, row) = (place % width, place / width)
            let isCar = column >= 120 && column < 180 && row >= top && row < top + 60
            return isCar ? object[place] : 90 + (level - 110) * 0.025
        }
    }

    /// A car has far plainer edges than the road, which a view was measured by once.
    @Test func aBareRoadShowsATurn() {
        var camera = WatchedCamera()
        camera.noise = 0.5
        #expect(camera.show(0..<60) { Self.road($0) } == [])
        #expect(camera.show(60..<85) { Self.road($0, x: 3 * ($0 - 60)) } == [.panRight])
    }

    @Test func aBareRoadShowsAShake() {
        var camera = WatchedCamera()
        camera.noise = 0.5
        #expect(camera.show(0..<60) { Self.road($0) } == [])
        #expect(camera.show(60..<85) { Self.road($0, x: [0, 6, 0, -6][$0 % 4]) } == [.shake])
    }

    /// Three fifths of the picture are a belt that goes to and fro: there is never a view at rest to compare with.
    private static func belt(_ index: Int, x: Int = 0, y: Int = 0) -> [Double] {
        let at = abs(index % 40 - 20) * 3 - 30
        let goods = DrawnScene(seed: 42).view(x: at + x, y: y)
        return scene.view(x: x, y: y).enumerated().map { place, level in
            place / DrawnScene.width + y < DrawnScene.height * 4 / 10 ? level : goods[place]
        }
    }

    @Test func aKnockIsSeenBesideABelt() {
        var camera = WatchedCamera()
        #expect(camera.show(0..<60) { Self.belt($0) } == [])
        _ = camera.show(60..<62) { Self.belt($0, x: 24 * ($0 - 59), y: -8 * ($0 - 59)) }
        #expect(camera.show(62..<80) { Self.belt($0, x: 72, y: -24) } == [.moved])
        _ = camera.show(80..<85) { Self.belt($0, x: 72, y: -24) }
        #expect(camera.show(85..<140) { Self.belt($0, x: 72, y: -24) } == [])
    }

    /// The belt jerks as far as the camera was knocked. What is beside it stays.
    @Test func aBeltThatJerksIsNoKnock() {
        var camera = WatchedCamera()
        let seen = camera.show(0..<120) { index in
            let goods = Self.scene.view(x: index / 30 * 60)
            return Self.object.enumerated().map { place, level in
                place / DrawnScene.width < DrawnScene.height / 3 ? level : goods[place]
            }
        }
        #expect(seen == [])
    }
}
