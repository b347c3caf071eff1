package import Events
package import Signals

extension Signal {
    /// When its label starts and ends an event, unless the label says otherwise: the stream's rules are for the model's
    /// scores.
    package var rules: EventRules {
        EventRules(
            threshold: 0.5,
            release: 0.3,
            minDuration: minDuration,
            hold: .seconds(3),
            cooldown: .seconds(10)
        )
    }

    private var minDuration: Duration {
        switch self {
        // A scene may be still for seconds, and a codec repeats what is still.
        case .frozen: .seconds(60)
        // A hand or a passing lorry may fill the picture.
        case .blank, .dark, .noise: .seconds(5)
        // Its score is itself taken over seconds.
        case .damaged: .seconds(1)
        case .infrared: .seconds(3)
        }
    }
}
