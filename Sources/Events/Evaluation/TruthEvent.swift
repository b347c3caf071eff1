/// Something that truly happened on a stream: from one stream time to another, in seconds.
public struct TruthEvent: Sendable, Equatable {
    public var start: Double
    public var end: Double

    public init(start: Double, end: Double) {
        self.start = start
        self.end = end
    }
}
