import Glibc
import System
import Text

extension FeedLoop {
    func serve(_ connection: FeedConnection, _ events: Int32) {
        if events & (POLLERR | POLLNVAL) != 0 {
            connection.isGone = true
            return
        }
        if events & POLLIN != 0, connection.isInService { receive(from: connection) }
        // Both directions are closed: no client is left to send to.
        if events & POLLHUP != 0 { connection.isGone = true }
        attend(to: connection)
    }

    /// Handles the client's requests and delivers records, as far as that is possible without waiting.
    func attend(to connection: FeedConnection) {
        guard !connection.isGone else { return }
        handleInput(of: connection)
        pump(connection)
    }

    private func receive(from connection: FeedConnection) {
        let (count, number) = uninterrupted { recv(connection.socket.raw, &received, received.count, 0) }
        guard count >= 0 else {
            if number != EAGAIN && number != EWOULDBLOCK { connection.isGone = true }
            return
        }
        connection.input.append(received[..<count])
        connection.isInputOver = count == 0
    }

    /// Answers the requests that have come while there is room for the answers. The others wait until the client has
    /// read some output.
    private func handleInput(of connection: FeedConnection) {
        while connection.isInService {
            connection.flush(scratch: &scratch, head: head)
            guard connection.output.byteCount < limits.replayBytes else { return }
            if let line = connection.input.nextLine() {
                handle(line, from: connection)
            } else if connection.input.count > limits.maxRequestBytes {
                refuseLongLine(from: connection)
            } else if connection.isInputOver, connection.input.count > 0 {
                handle(connection.input.takeRest(), from: connection)
            } else {
                return
            }
        }
    }

    private func handle(_ line: ArraySlice<UInt8>, from connection: FeedConnection) {
        if line.count > limits.maxRequestBytes { return refuseLongLine(from: connection) }
        guard line.contains(where: { !" \t\r".utf8.contains($0) }) else { return }
        do throws(FeedRequest.Refusal) {
            switch try FeedRequest(parsing: line) {
            case .subscribe(let subscription): subscribe(connection, to: subscription)
            case .status: connection.output.append(hub.status(counters.current).bytes)
            }
        } catch {
            connection.output.append(FeedMessages.error(.badRequest, error.message).bytes)
        }
    }

    private func refuseLongLine(from connection: FeedConnection) {
        let message = "a request line has at most \(limits.maxRequestBytes) bytes: the connection ends here"
        connection.output.append(FeedMessages.error(.lineTooLong, message).bytes)
        close(connection)
    }

    private func subscribe(_ connection: FeedConnection, to subscription: Subscription) {
        let snapshot = hub.snapshot()
        head = snapshot.head
        if let since = subscription.since, since > head.seqLast {
            connection.output.append(FeedMessages.sinceAhead(since, seqLast: head.seqLast).bytes)
            return
        }
        // A live client gets what was published before its request by its old subscription: the new one begins here.
        let wasLive = connection.isLive
        while connection.isLive, connection.isInService, connection.cursor <= head.seqLast { pump(connection) }
        guard connection.isInService else { return }
        // It lags so far that the journal would have to be read first. It does not get these records, and a gap says
        // so.
        if wasLive, connection.cursor <= head.seqLast { skip(connection.cursor...head.seqLast, connection) }
        let before = subscribesToScores(connection)
        connection.subscription = subscription
        hub.changeScoresSubscribers(by: subscribesToScores(connection) - before)
        let last = subscription.since ?? head.seqLast
        connection.output.append(FeedMessages.snapshot(snapshot, for: subscription).bytes, seq: last)
        connection.cursor = last + 1
        connection.page = nil
        connection.awaitedPage = nil
        connection.isLive = connection.cursor > head.seqLast
    }

    func subscribesToScores(_ connection: FeedConnection) -> Int {
        connection.subscription.types.contains(.scores) ? 1 : 0
    }
}
