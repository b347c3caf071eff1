import EventFeed
import Glibc

/// `feedload serve DIR RATE [MOST]`: publishes RATE records a second, and MOST in all, kept in DIR/events.sqlite and served on
/// DIR/events.sock, until it is told to stop or killed.
///
/// `feedload measure DIR [RECORDS]`: what the feed does in a second, how late subscribers get it, and how fast RECORDS are
/// replayed.
@main
enum Main {
    static func main() {
        do { try run() } catch {
            say("feedload: \(error)", to: 2)
            exit(1)
        }
    }

    private static func run() throws {
        let arguments = CommandLine.arguments.dropFirst()
        switch (arguments.first, arguments.dropFirst().first, arguments.dropFirst(2).first) {
        case ("serve", let directory?, let rate?):
            let most = arguments.dropFirst(3).first.map { Int($0) } ?? .max
            guard let rate = Int(rate), rate >= 0, let most else { usage() }
            try serve(in: directory, rate: rate, most: most)
        case ("measure", let directory?, let records):
            guard let records = Int(records ?? "1000000"), records > 0 else { usage() }
            try measure(in: directory, records: records)
        default: usage()
        }
    }

    private static func usage() -> Never {
        say("usage: feedload serve DIR RATE [MOST] | feedload measure DIR [RECORDS]", to: 2)
        exit(2)
    }

    private static func serve(in directory: String, rate: Int, most: Int) throws {
        // The one thread that waits for these signals is this one; those that start from here on have them blocked too.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        // On a machine so busy that the disk is late, every record is to be kept all the same.
        let feed = try Feed(in: directory, hasJournal: true, patience: .seconds(3600))
        let publisher = try Publisher(feed.hub, rate: rate, most: most)
        var signal: Int32 = 0
        sigwait(&signals, &signal)
        publisher.stop()
        feed.stop()
    }

    private static func measure(in directory: String, records: Int) throws {
        for hasJournal in [false, true] {
            let path = "\(directory)/throughput-\(hasJournal)"
            mkdir(path, 0o700)
            let name = hasJournal ? "with a journal" : "in memory"
            say("sustained, \(name): \(try Trial.throughput(in: path, records: 200_000, hasJournal: hasJournal))")
        }
        for (subscribers, silent, rate) in [(1, 0, 20), (1, 0, 1000), (500, 50, 20), (500, 50, 100)] {
            let path = "\(directory)/latency-\(subscribers)-\(rate)"
            mkdir(path, 0o700)
            let result = try Trial.latency(in: path, subscribers: subscribers, silent: silent, rate: rate)
            say("latency, \(subscribers) subscribers (\(silent) never read), \(rate) records a second: \(result)")
        }
        let path = "\(directory)/replay"
        mkdir(path, 0o700)
        say("replay of \(records): \(try Trial.replay(in: path, records: records))")
    }
}

/// A line, there when it was said.
func say(_ line: String, to descriptor: Int32 = 1) {
    let bytes = Array((line + "\n").utf8)
    _ = write(descriptor, bytes, bytes.count)
}
