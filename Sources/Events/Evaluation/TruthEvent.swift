/// An event that truly happened on a stream. Stream times are in seconds.
package struct TruthEvent: Sendable, Equatable {
    package var start: Double
    package var end: Double

    package init(start: Double, end: Double) {
        self.start = start
        self.end = end
    }
}
