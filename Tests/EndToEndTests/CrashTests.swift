import Foundation
import Testing

/// Killed at any moment, started again, over and over: a subscriber that resumes by `seq` has every record exactly once,
/// and every start has exactly one end.
///
/// `WATCHWORD_KILLS=200` kills that often.
@Suite struct CrashTests {
    private let kills = ProcessInfo.processInfo.environment["WATCHWORD_KILLS"].flatMap { Int($0) } ?? 8

    /// The feed by itself, under some thousand records a second.
    @Test func theFeedUnderLoad() async throws {
        try await TemporaryDirectory.with { directory in
            let program = try Program.path(of: "feedload")
            // In one life it gives no more than a slow subscriber reads before the next.
            let load = ["serve", directory.path, "3000", "5000"]
            let journal = FeedLedger(socket: directory.socket)
            for kill in 0..<kills {
                try await ChildProcess.with(program, load, in: directory, name: "feed") {
                    feed in
                    try await journal.connect(to: feed)
                    try await journal.follow(feed, for: .random(in: 1...1200))
                    feed.kill()
                    try journal.takeRest()
                    #expect(!feed.errors.contains("degraded"), "kill \(kill): \(feed.errors)")
                }
            }
            try await ChildProcess.with(program, load, in: directory, name: "feed") {
                feed in
                try await journal.connect(to: feed)
                try await journal.follow(feed, for: 600)
                feed.send(SIGTERM)
                #expect(try await feed.finish() == .exit(0))
                try journal.takeRest()
            }
            // A subscriber that was too slow for the farewell has the rest from the next daemon.
            try await ChildProcess.with(program, ["serve", directory.path, "0"], in: directory, name: "feed") { feed in
                try await journal.connect(to: feed)
                try await journal.catchUp(with: feed)
            }
            journal.check()
            let events = "\(journal.events.count) events, \(journal.recovered) recovered"
            print("\(kills) kills: \(journal.last) records, \(events)")
        }
    }

    /// The daemon itself, with streams whose events come and go.
    @Test func theDaemon() async throws {
        try await TemporaryDirectory.with { directory in
            let streams = (1...4).map { number in
                DaemonProcess.stream(
                    "s\(number)",
                    DaemonProcess.picture + ",hue=H=t*\(number)",
                    "scoring: exclusive",
                    "gate: 0"
                )
                .replacing("threshold: 0\n", with: "threshold: 0.5\n")
                .replacing("release: 0\n", with: "release: 0.5\n    hold: 0s\n")
                .replacing(
                    "labels: [{name: anything, text: anything at all}]",
                    with: "labels: [{name: one, text: one thing}, {name: two, text: something else}]"
                )
            }
            let environment = ["WATCHWORD_EVENTS_JOURNAL": directory("events.sqlite")]
            let journal = FeedLedger(socket: directory.socket)
            for _ in 0..<min(kills, 4) {
                try await DaemonProcess.with(streams.joined(), environment: environment, in: directory) { daemon in
                    try await journal.connect(to: daemon)
                    try await journal.follow(daemon, for: .random(in: 10...30))
                    daemon.kill()
                    try journal.takeRest()
                }
            }
            try await DaemonProcess.with(streams.joined(), environment: environment, in: directory) { daemon in
                try await journal.connect(to: daemon)
                try await journal.follow(daemon, for: 4)
                daemon.send(SIGTERM)
                #expect(try await daemon.finish() == .exit(0))
                try journal.takeRest()
            }
            // On a busy machine the daemon may end with records unsent. The next one sends them.
            let quiet = DaemonProcess.stream("s1", "/nowhere.mp4")
            try await DaemonProcess.with(quiet, environment: environment, in: directory) { daemon in
                try await journal.connect(to: daemon)
                try await journal.catchUp(with: daemon)
            }
            journal.check()
            #expect(journal.recovered > 0)
        }
    }
}
