package import Text

/// One decision: each label's lead, in the order of the labels.
package struct ScoredDecision: Sendable, Equatable {
    package var time: UTCTime
    package var leads: [Double]

    package init(time: UTCTime, leads: [Double]) {
        self.time = time
        self.leads = leads
    }
}
