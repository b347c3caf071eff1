package import Text

/// An event in quiet footage: a false one, unless it was true after all.
package struct CountedEvent: Sendable, Equatable {
    /// Where in the footage it began.
    package enum Moment: Sendable, Equatable {
        /// In a recording, in seconds from its start.
        case recorded(String, Double)
        case past(UTCTime)
    }

    package let moment: Moment
    /// The highest lead while it was open. Of a minute of the history, the highest that held.
    package let top: Double
}

extension CountedEvent.Moment {
    func later(by seconds: Double) -> Self {
        switch self {
        case .recorded(let video, let start): .recorded(video, start + seconds)
        case .past(let time): .past(time + .seconds(seconds))
        }
    }
}
