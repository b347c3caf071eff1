import Foundation

/// The motion that a scene has all the time, such as that of a conveyor that fills the picture. A camera's own departs
/// from it. Pure.
struct OwnMotion {
    /// The seconds in which what was falls to 1/e.
    private static let memory = 15.0
    /// The share of the time in motion from which on it is the scene's own.
    private static let restless: Float = 0.5
    /// How much faster than the scene a camera turns.
    private static let faster: Float = 2.5

    /// The share of the time in motion, and the mean square of the speed in views a second.
    private var share: Float = 0
    private var square = SIMD2<Float>.zero

    var isRestless: Bool { share > Self.restless }

    /// Takes a step of the view in views, and the seconds that it took.
    mutating func take(_ step: SIMD2<Float>, isMoving: Bool, over seconds: Double) {
        guard seconds > 0 else { return }
        let weight = Float(1 - exp(-seconds / Self.memory))
        let speed = step / Float(seconds)
        share += weight * ((isMoving ? 1 : 0) - share)
        square += weight * (speed * speed - square)
    }

    /// Whether this speed along an axis is the scene's own.
    func explains(_ speed: Float, axis: Int) -> Bool {
        isRestless && abs(speed) < Self.faster * square[axis].squareRoot()
    }
}
