import Events

/// One level's scores of one stream: the input of its label machines.
struct ScoreTrace {
    private let labels: Int
    private(set) var times: [Duration] = []
    /// [decisions, labels]
    private var scores: [Double] = []

    /// `labels`: how many scores a decision has.
    init(labels: Int) { self.labels = labels }

    /// `time`: stream time.
    mutating func add(_ scores: [Double], at time: Duration) {
        precondition(scores.count == labels, "a score for each label")
        times.append(time)
        self.scores += scores
    }

    /// A label's score at each of `times`.
    func scores(ofLabel label: Int) -> some RandomAccessCollection<Double> {
        times.indices.lazy.map { scores[$0 * labels + label] }
    }

    /// The events that `rules` produce from a label's scores.
    func events(ofLabel label: Int, rules: EventRules) -> [DetectedEvent] {
        DetectedEvents.make(
            of: times.indices.lazy.map { (time: times[$0], score: scores[$0 * labels + label]) },
            rules: rules
        )
    }
}
