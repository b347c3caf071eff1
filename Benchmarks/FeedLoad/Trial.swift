import EventFeed
import Glibc

/// The measurements. Each uses a feed of its own.
enum Trial {
    /// The records per second from the publisher to one subscriber that receives all of them. At most 4000 records are
    /// on their way at a time.
    static func throughput(in directory: String, records: Int, hasJournal: Bool) throws -> String {
        let feed = try Feed(in: directory, hasJournal: hasJournal)
        defer { feed.stop() }
        let readers = try Readers(1, at: feed.socket, notesLatency: false)
        usleep(200_000)
        let start = now()
        let cpu = processorSeconds()
        publish(records, feed, readers)
        let seconds = now() - start
        let each = (processorSeconds() - cpu) / Double(records) * 1e6
        let tally = readers.finish()
        return "\(whole(Double(records) / seconds)) records a second, \(whole(each)) µs of processor each, "
            + "\(tally.faults) faults"
    }

    /// The time from making a record to its arrival at a subscriber.
    static func latency(in directory: String, subscribers: Int, silent: Int, rate: Int) throws -> String {
        let feed = try Feed(in: directory, hasJournal: true)
        defer { feed.stop() }
        let mute = (0..<silent).map { _ in connect(to: feed.socket) }
        defer { for socket in mute { close(socket) } }
        let readers = try Readers(subscribers - silent, at: feed.socket, notesLatency: true)
        usleep(500_000)
        let publisher = try Publisher(feed.hub, rate: rate)
        sleep(15)
        publisher.stop()
        feed.hub.flush()
        usleep(500_000)
        let tally = readers.finish()
        let sorted = tally.latencies.sorted()
        let isComplete = Set(tally.last).count == 1
        return "p50 \(milliseconds(sorted, 0.5)), p99 \(milliseconds(sorted, 0.99)), "
            + "longest \(milliseconds(sorted, 1)); \(sorted.count) deliveries, all the same end: \(isComplete), "
            + "\(tally.faults) faults, \(feed.cutOff) cut off"
    }

    /// The time from the request to the last record, over a connection that is read as fast as possible. None of the
    /// records is in memory.
    static func replay(in directory: String, records: Int) throws -> String {
        var feed = try Feed(in: directory, hasJournal: true)
        let filler = try Readers(1, at: feed.socket, notesLatency: false)
        usleep(200_000)
        let filled = now()
        publish(records, feed, filler)
        let fillSeconds = now() - filled
        _ = filler.finish()
        feed.stop()
        feed = try Feed(in: directory, hasJournal: true)
        defer { feed.stop() }
        let start = now()
        let cpu = processorSeconds()
        let readers = try Readers(1, at: feed.socket, request: #"{"subscribe":{"since":0}}"#, notesLatency: false)
        while readers.least < UInt64(records) { usleep(1000) }
        let seconds = now() - start
        let tally = readers.finish()
        let used = processorSeconds() - cpu
        return
            "\(whole(seconds * 1000)) ms (\(whole(used * 1000)) ms of processor), \(whole(Double(records) / seconds)) records a second, "
            + "\(tally.faults) faults; \(residentMegabytes()) MB resident at most; "
            + "filled at \(whole(Double(records) / fillSeconds)) a second"
    }

    private static func publish(_ records: Int, _ feed: Feed, _ readers: Readers) {
        let run = UInt64.random(in: .min ... .max)
        for count in 0..<records {
            while UInt64(count) > readers.least + 4000 { usleep(100) }
            feed.hub.publish(Publisher.record(count, run: run))
        }
        while readers.least < UInt64(records) { usleep(100) }
    }

    private static func milliseconds(_ sorted: [Double], _ share: Double) -> String {
        guard let value = sorted.dropFirst(Int(Double(sorted.count - 1) * share)).first else { return "none" }
        return "\((value * 1e5).rounded() / 100) ms"
    }

    private static func whole(_ value: Double) -> Int { Int(value.rounded()) }

    /// The processor time of all threads so far. On a shared machine it is more meaningful than elapsed time.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func residentMegabytes() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss / 1024
    }
}
