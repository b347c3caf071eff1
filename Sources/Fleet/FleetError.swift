/// A failure of the fleet's engine, in one line with the remedy. Never holds a password.
package struct FleetError: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
