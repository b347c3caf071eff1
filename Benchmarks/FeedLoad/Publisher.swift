import EventFeed
import Events
import Glibc
import Synchronization
import System
import Text

/// Publishes events that start, are updated and end, several at a time. The score of each record is the moment when it
/// was made.
final class Publisher: Sendable {
    private static let openEvents = 8
    private static let slowRate = 100
    private let isOver: Flag
    private let thread: NamedThread

    final class Flag: Sendable {
        let value = Atomic(false)
    }

    /// Starts publishing, in small bursts, until `stop()`.
    ///
    /// - Parameters:
    ///   - hub: receives the records.
    ///   - rate: the records per second.
    ///   - most: the records in all, at most.
    init(_ hub: EventHub, rate: Int, most: Int = .max) throws {
        let isOver = Flag()
        self.isOver = isOver
        thread = try NamedThread.start("publisher") {
            let start = now()
            let run = UInt64.random(in: .min ... .max)
            var count = 0
            while !isOver.value.load(ordering: .acquiring) {
                let due = min(most, Int((now() - start) * Double(rate)))
                while count < due {
                    hub.publish(Self.record(count, run: run))
                    count += 1
                    // At a slow rate each record is saved alone, as those of a quiet stream are, however busy the machine is.
                    // At others a machine that is late does not outrun the journal, which drops what is too much to hold.
                    if rate <= Self.slowRate || count % 2000 == 0 { hub.flush() }
                }
                usleep(500)
            }
            // Every start needs an end, so continue until each slot has reached one.
            while count % (4 * Self.openEvents) != 0 {
                hub.publish(Self.record(count, run: run))
                count += 1
            }
        }.get()
    }

    func stop() {
        isOver.value.store(true, ordering: .releasing)
        thread.join()
    }

    /// One record. The records of each slot cycle through started, updated, updated, ended.
    ///
    /// - Parameters:
    ///   - count: the number of records before this one.
    ///   - run: a random number that makes the event identifiers unique.
    static func record(_ count: Int, run: UInt64) -> FeedRecord {
        let slot = count % openEvents
        let step = count / openEvents
        let state: LabelEvent.State = [.started, .updated, .updated, .ended][step % 4]
        let made = UTCTime(microseconds: Int64(now() * 1e6))
        return .event(
            LabelEvent(
                id: "\(String(run, radix: 16))-\(slot)-\(step / 4)",
                state: state,
                stream: "door",
                label: "parcel\(slot)",
                text: "a person puts down a parcel",
                score: now(),
                topScore: 0.83,
                threshold: 0.6,
                startTime: made,
                endTime: state == .ended ? made : nil,
                duration: state == .ended ? .seconds(1) : nil,
                endReason: state == .ended ? .belowRelease : nil,
                windowSeconds: 5,
                model: "xclip-base-patch32",
                confirmed: true,
                time: made
            )
        )
    }
}

/// Seconds on the monotonic clock.
func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
