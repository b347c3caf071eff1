import Foundation
import Frames
import Signals
import TestSupport
import Testing

/// A scene of rectangles, larger than what a camera sees of it, so that the camera can turn by any known number of pixels.
struct DrawnScene {
    static let (width, height) = (320, 180)
    private static let (wide, high) = (2 * width, 2 * height)

    private let levels: [Double]

    init(seed: UInt64 = 5) {
        var generator = SeededGenerator(seed: seed)
        var levels = [Double](repeating: 110, count: Self.wide * Self.high)
        for _ in 0..<900 {
            let level = Double.random(in: 40...200, using: &generator)
            let (left, top) = (
                Int.random(in: -20..<Self.wide, using: &generator), Int.random(in: -20..<Self.high, using: &generator)
            )
            let (width, height) = (Int.random(in: 6...44, using: &generator), Int.random(in: 6...44, using: &generator))
            for y in max(0, top)..<max(0, min(Self.high, top + height)) {
                for x in max(0, left)..<max(0, min(Self.wide, left + width)) { levels[y * Self.wide + x] = level }
            }
        }
        self.levels = levels
    }

    /// What a camera sees that looks `x` pixels to the right and `y` pixels down of the scene's middle.
    func view(x: Int = 0, y: Int = 0) -> [Double] {
        var view: [Double] = []
        view.reserveCapacity(Self.width * Self.height)
        for row in 0..<Self.height {
            let start = (Self.height / 2 + y + row) * Self.wide + Self.width / 2 + x
            view += levels[start..<start + Self.width]
        }
        return view
    }

    /// A view through a lens that makes a point a square of `2 · reach + 1` pixels.
    static func blurred(_ view: [Double], reach: Int) -> [Double] {
        func along(_ view: [Double], _ step: Int, _ place: (Int) -> (at: Int, of: Int)) -> [Double] {
            view.indices.map { index in
                let (at, of) = place(index)
                var sum = 0.0
                for offset in -reach...reach { sum += view[index + (min(of - 1, max(0, at + offset)) - at) * step] }
                return sum / Double(2 * reach + 1)
            }
        }
        let across = along(view, 1) { ($0 % width, width) }
        return along(across, width) { ($0 / width, height) }
    }
}

/// A camera watched ten times a second.
struct WatchedCamera {
    private var watch = CameraWatch()
    private var count = 0
    /// When the first view is shown, in seconds.
    var start = 0.0
    private var generator = SeededGenerator(seed: 11)
    /// Of the sensor, in levels: a camera's pictures are never quite the same.
    var noise = 1.5

    /// A camera that has looked at the scene for four seconds, and saw no trouble.
    static func settled(before scene: DrawnScene) -> WatchedCamera {
        var camera = WatchedCamera()
        for _ in 0..<40 { #expect(camera.show(scene.view()) == []) }
        return camera
    }

    /// Shows a view.
    ///
    /// - Returns: the troubles that are seen.
    @discardableResult
    mutating func show(_ view: [Double]) -> Set<CameraTrouble> {
        let bytes = view.map { level in
            UInt8(min(255, max(0, level + Double.random(in: -noise...noise, using: &generator))))
        }
        return show(bytes)
    }

    /// Takes what a sampled picture measured.
    mutating func note(_ picture: PictureMeasures) { watch.note(picture) }

    /// Shows a picture as it is.
    ///
    /// - Parameter scale: how many times larger than the scene's view it is.
    mutating func show(_ bytes: [UInt8], scale: Int = 1) -> Set<CameraTrouble> {
        _ = watch.takeMeasures()
        bytes.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return }
            let plane = LumaPlane(
                start: start,
                width: scale * DrawnScene.width,
                height: scale * DrawnScene.height,
                strideBytes: scale * DrawnScene.width
            )
            watch.watch(plane, at: self.start + Double(count) / 10)
        }
        count += 1
        let measures = watch.takeMeasures()
        return Set(CameraTrouble.allCases.filter { measures[$0] >= 0.5 })
    }

    /// Shows what `view` returns for each of some views.
    ///
    /// - Returns: all troubles that were seen.
    mutating func show(_ views: Range<Int>, _ view: (Int) -> [Double]) -> Set<CameraTrouble> {
        views.reduce(into: Set()) { $0.formUnion(show(view($1))) }
    }
}
