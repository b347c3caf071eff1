import Foundation
import TestSupport
import Testing
import Text

/// A subscriber that keeps books over all connections: resumes by `seq`, as the README tells clients to.
final class FeedLedger {
    struct Life {
        var starts = 0
        var ends = 0
    }

    private let socket: String
    private var client: SocketClient?
    private var taken = 0
    private var isSubscribed = false
    private var feedID: String?
    /// The last record that the daemon had when it was connected to.
    private var head: Int64 = 0
    /// The record it had last.
    private(set) var last: Int64 = 0
    private(set) var events: [String: Life] = [:]
    private(set) var recovered = 0

    init(socket: String) { self.socket = socket }

    /// Waits until the daemon serves, and resumes.
    func connect(to daemon: ChildProcess) async throws {
        let client = try await eventually("the socket", context: { daemon.errors }) {
            try #require(!daemon.hasEnded, "it ended: \(daemon.errors)")
            return SocketClient.isServed(socket) ? try SocketClient(path: socket) : nil
        }
        let hello = try await client.next("the greeting") { $0.type == "hello" }
        let id = try #require(hello["feed_id"]?.string)
        #expect(feedID == nil || feedID == id)
        feedID = id
        head = try #require(hello["seq_last"]?.integer)
        #expect(head >= last, "\(hello) though \(last) was told")
        // On a busy machine the live records that come before the request may already be too many: cut off, it comes again.
        guard client.offer(#"{"subscribe":{"since":\#(last)}}"#) else { return try await connect(to: daemon) }
        (self.client, taken, isSubscribed) = (client, 0, false)
    }

    /// Takes all that there was when it connected.
    func catchUp(with daemon: ChildProcess) async throws { try await follow(daemon, to: head) }

    /// Takes so many records more.
    func follow(_ daemon: ChildProcess, for count: Int64) async throws { try await follow(daemon, to: last + count) }

    private func follow(_ daemon: ChildProcess, to goal: Int64) async throws {
        try await eventually("record \(goal)", context: { "\(last): \(daemon.errors)" }) { () async throws -> Bool in
            // Too slow for the feed on a busy machine, it comes again, as it would after any other end.
            if try !take() { try await connect(to: daemon) }
            return last >= goal
        }
    }

    /// What was sent before the daemon died.
    func takeRest() throws {
        _ = try take()
        client = nil
    }

    /// Takes what has come; false where the daemon cut it off, because it was too slow.
    private func take() throws -> Bool {
        guard let client else { return true }
        try client.read()
        for line in client.lines[taken...] {
            if line.type == "error", line["code"]?.string == "too_slow" { return false }
            if line.type == "snapshot" { isSubscribed = true }
            // Live records from before the subscription come again after it.
            guard isSubscribed else { continue }
            try #require(line.type != "gap" && line.type != "error", "\(line)")
            guard let seq = line.seq, line.type == "event" || line.type == "stream" else { continue }
            try #require(seq == last + 1, "after \(last) comes \(line)")
            last = seq
            note(line)
        }
        taken = client.lines.count
        return true
    }

    private func note(_ line: JSONValue) {
        guard line.type == "event", let id = line["id"]?.string else { return }
        if line.state == "started" { events[id, default: Life()].starts += 1 }
        if line.state == "ended" { events[id, default: Life()].ends += 1 }
        if line["end_reason"]?.string == "crash_recovered" { recovered += 1 }
    }

    /// Every start has exactly one end.
    func check() {
        #expect(!events.isEmpty)
        let odd = events.filter { $0.value.starts != 1 || $0.value.ends != 1 }
        #expect(odd.isEmpty, "\(odd.count) of \(events.count): \(odd.prefix(5))")
    }
}
