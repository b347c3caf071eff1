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
            hold: hold,
            cooldown: cooldown
        )
    }

    private var minDuration: Duration {
        switch self {
        // A scene may be still for seconds, and a codec repeats what is still.
        case .frozen: .seconds(60)
        // A hand or a passing lorry may fill the picture.
        case .blank, .dark, .noise: .seconds(5)
        case .infrared: .seconds(3)
        // The score of damage is itself taken over a second or more.
        case .damaged, .covered: .milliseconds(500)
        case .defocus: .seconds(1)
        // They are found over a second or more, and then are over.
        case .day, .panLeft, .panRight, .tiltUp, .tiltDown, .moved, .shake, .lightsOut, .lightsOn, .flash, .stopped:
            .zero
        }
    }

    private var hold: Duration {
        switch self {
        case .blank, .frozen, .damaged, .noise, .dark, .infrared: .seconds(3)
        case .panLeft, .panRight, .tiltUp, .tiltDown, .moved, .shake, .covered, .defocus, .flash, .stopped: .seconds(1)
        case .day, .lightsOut, .lightsOn: .milliseconds(500)
        }
    }

    /// A camera that is knocked, turned or darkened is often so again within seconds, and so is a poor line: each time counts.
    private var cooldown: Duration {
        switch self {
        case .blank, .frozen, .noise, .dark, .infrared: .seconds(10)
        case .damaged, .day, .panLeft, .panRight, .tiltUp, .tiltDown, .moved, .shake, .covered, .defocus, .lightsOut,
            .lightsOn,
            .flash,
            .stopped:
            .seconds(1)
        }
    }
}
