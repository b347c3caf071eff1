import Foundation

/// The motion that a scene has all the time, such as that of a conveyor that fills the picture. A camera's own departs
/// from it. Pure.
struct OwnMotion {
    /// The seconds in which what was falls to 1/e.
    private static let memory = 15.0
    /// The share of the time in motion from which on it is the scene's own, and that from which on it may be.
    private static let restless: Float = 0.5
    private static let lively: Float = 0.3
    /// How much faster than the scene a camera turns.
    private static let faster: Float = 2.5

    /// The seconds that a scene is believed to have rested before it was seen.
    private static let before: Float = 3

    /// The seconds that were seen and those in motion, older ones weighing less; the mean square of the speed in views a second.
    private var seen: Float = 0
    private var moving: Float = 0
    private var square = SIMD2<Float>.zero

    private var share: Float { moving / (seen + Self.before) }

    var isLively: Bool { share > Self.lively }
    var isRestless: Bool { share > Self.restless }

    /// Takes a step of the view in views, and the seconds that it took.
    mutating func take(_ step: SIMD2<Float>, isMoving: Bool, over seconds: Double) {
        guard seconds > 0 else { return }
        let weight = Float(1 - exp(-seconds / Self.memory))
        let speed = step / Float(seconds)
        seen += Float(seconds) - weight * seen
        moving += (isMoving ? Float(seconds) : 0) - weight * moving
        square += weight * (speed * speed - square)
    }

    /// Whether this speed along an axis is the scene's own.
    func explains(_ speed: Float, axis: Int) -> Bool {
        isRestless && abs(speed) < Self.faster * square[axis].squareRoot()
    }
}
