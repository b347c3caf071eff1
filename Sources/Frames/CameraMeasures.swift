/// What befalls the camera itself, seen over several pictures.
package enum CameraTrouble: Int, Sendable, CaseIterable {
    case panLeft, panRight, tiltUp, tiltDown
    case moved, shake, covered, defocus
    case lightsOut, lightsOn, flash, day, stopped
    case torn
}

/// How plainly the pictures since the last sampled one show each trouble, from 0 to 1; 0.5 where it begins.
package struct CameraMeasures: Sendable, Equatable {
    private var values = SIMD16<Float>.zero
    /// Whether the source may have cut to another picture, reported or not.
    package var isCut = false

    package init() {}

    package subscript(trouble: CameraTrouble) -> Float {
        get { values[trouble.rawValue] }
        set { values[trouble.rawValue] = newValue }
    }

    /// The higher of each.
    package mutating func formMaximum(_ other: CameraMeasures) {
        values.replace(with: other.values, where: other.values .> values)
        isCut = isCut || other.isCut
    }
}
