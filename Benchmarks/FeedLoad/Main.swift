import Glibc

/// `feedload serve DIR RATE [MOST]` publishes RATE records per second, MOST in all, until it is stopped or killed. It stores
/// them in DIR/events.sqlite and serves them on DIR/events.sock.
///
/// `feedload measure DIR [RECORDS]` measures the feed's throughput, the latency of its subscribers, and the time to
/// replay RECORDS records.
@main
enum Main {
    static func main() {
        do { try run() } catch {
            printLine("feedload: \(error)", to: 2)
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
        printLine("usage: feedload serve DIR RATE [MOST] | feedload measure DIR [RECORDS]", to: 2)
        exit(2)
    }

    private static func serve(in directory: String, rate: Int, most: Int) throws {
        // Only this thread waits for these signals. Threads started from here on inherit the block.
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
            printLine("sustained, \(name): \(try Trial.throughput(in: path, records: 200_000, hasJournal: hasJournal))")
        }
        for (subscribers, silent, rate) in [(1, 0, 20), (1, 0, 1000), (500, 50, 20), (500, 50, 100)] {
            let path = "\(directory)/latency-\(subscribers)-\(rate)"
            mkdir(path, 0o700)
            let result = try Trial.latency(in: path, subscribers: subscribers, silent: silent, rate: rate)
            printLine("latency, \(subscribers) subscribers (\(silent) never read), \(rate) records a second: \(result)")
        }
        let path = "\(directory)/replay"
        mkdir(path, 0o700)
        printLine("replay of \(records): \(try Trial.replay(in: path, records: records))")
    }
}

/// Writes a line without buffering.
func printLine(_ line: String, to descriptor: Int32 = 1) {
    let bytes = Array((line + "\n").utf8)
    _ = write(descriptor, bytes, bytes.count)
}
