import Events
import Foundation
import Frames
import Signals
import System
import Text

/// Finds what is wrong with a stream's pictures for so long that the stream is degraded. Pure: the time comes with each
/// call.
struct SignalHealth: Sendable {
    /// How long a fault must last; a frozen picture has its own time.
    static let patience = Duration.seconds(30)

    private struct Watch {
        let signal: Signal
        var machine: LabelEventMachine
        let concern: String
    }

    /// The seconds in which a score of damage falls to 1/e here. A poor line has good moments.
    private static let memory = 6.0

    /// The highest score of damage, less by the time that has passed since, and when that was.
    private var damage = (score: 0.0, at: Duration.zero)
    /// The scores of the last picture.
    private(set) var scores = SignalScores()
    private var judge = SignalJudge()
    /// The plainest fault first: only one reason is reported.
    private var watches: [Watch]

    /// - Parameter frozenAfter: how long the picture may be frozen; zero for any time.
    init(frozenAfter: Duration) {
        watches = [
            Self.watch(.damaged, "the picture is damaged: what the camera sends arrives with errors or gaps"),
            Self.watch(.blank, "the picture is blank: it shows hardly any detail"),
            Self.watch(.noise, "the picture is drowned in noise"),
            Self.watch(.dark, "the picture is too dark to recognise anything"),
        ]
        if frozenAfter > .zero {
            let concern = "the picture is frozen: most of it has not changed for \(frozenAfter.configured)"
            watches.append(Self.watch(.frozen, concern, after: frozenAfter))
        }
    }

    private static func watch(_ signal: Signal, _ concern: String, after patience: Duration = patience) -> Watch {
        let rules = EventRules(
            threshold: 0.5,
            release: 0.3,
            minDuration: patience,
            hold: .seconds(3),
            cooldown: .zero
        )
        return Watch(signal: signal, machine: LabelEventMachine(rules: rules), concern: concern)
    }

    /// Takes the next picture.
    ///
    /// - Returns: what is wrong, in words; nil if nothing is, or not for long enough.
    mutating func observe(_ measures: PictureMeasures, at time: Duration) -> String? {
        scores = judge.scores(of: measures)
        let faded = damage.score * exp(-max(0, (time - damage.at).seconds) / Self.memory)
        damage = (max(scores[.damaged], faded), time)
        var concern: String?
        for index in watches.indices {
            let signal = watches[index].signal
            _ = watches[index].machine.observe(score: signal == .damaged ? damage.score : scores[signal], at: time)
            if concern == nil, watches[index].machine.isOpen { concern = watches[index].concern }
        }
        return concern
    }

    /// The pictures that follow come from another connection: what has only begun begins anew.
    mutating func interrupt() {
        for index in watches.indices { watches[index].machine.interrupt() }
    }
}
