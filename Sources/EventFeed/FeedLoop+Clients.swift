import Events
import Glibc

extension FeedLoop {
    func serve(_ connection: FeedConnection, _ events: Int32) {
        if events & (POLLERR | POLLNVAL) != 0 {
            connection.isGone = true
            return
        }
        if events & POLLIN != 0, connection.isInService { receive(from: connection) }
        // Both directions are down: nobody is left to send to.
        if events & POLLHUP != 0 { connection.isGone = true }
        attend(to: connection)
    }

    /// Does for the client all that can be done without waiting.
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

    /// Answers the requests that have come, as far as there is room for the answers: the others wait until the client
    /// has taken some.
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
        // A live client gets what was published before its request by its old filter: the new one begins here.
        while connection.isLive, connection.isInService, connection.cursor <= head.seqLast { pump(connection) }
        guard connection.isInService else { return }
        let before = subscribesToScores(connection)
        connection.subscription = subscription
        hub.changeScoresSubscribers(by: subscribesToScores(connection) - before)
        let last = subscription.since ?? head.seqLast
        connection.output.append(FeedMessages.snapshot(snapshot, for: subscription).bytes, seq: last)
        connection.cursor = last + 1
        connection.isLive = connection.cursor > head.seqLast
    }

    func subscribesToScores(_ connection: FeedConnection) -> Int {
        connection.subscription.types.contains(.scores) ? 1 : 0
    }

    /// Moves records from the hub towards the client: all of them for a live one, for a replay what it takes.
    private func pump(_ connection: FeedConnection) {
        connection.flush(scratch: &scratch, head: head)
        for _ in 0..<Self.maxBatches where connection.isInService {
            if !connection.isLive, connection.output.byteCount >= limits.replayBytes { break }
            guard connection.cursor <= head.seqLast else {
                connection.isLive = true
                break
            }
            let batch = hub.read(from: connection.cursor, limit: Self.batchSize)
            if let lost = batch.lost {
                connection.output.append(FeedMessages.gap(lost).bytes, seq: lost.upperBound)
                connection.cursor = lost.upperBound + 1
            }
            connection.cursor += UInt64(batch.lines.count)
            for line in batch.lines where connection.subscription.matches(line) {
                connection.output.append(line.bytes, seq: line.seq)
            }
            connection.flush(scratch: &scratch, head: head)
            if connection.output.byteCount > limits.maxBufferedBytes { break }
        }
        if connection.isInService, isTooSlow(connection) { cutOff(connection) }
    }

    /// A live client is too slow when its buffer is full. A replay never fills it: that is too slow when nothing was
    /// taken while a bufferful of new records came.
    private func isTooSlow(_ connection: FeedConnection) -> Bool {
        if connection.isLive { return connection.output.byteCount > limits.maxBufferedBytes }
        return head.publishedBytes > connection.tookAt + UInt64(limits.maxBufferedBytes)
    }

    /// Scores are for the moment: whoever has not caught up does without them.
    func deliverScores() {
        let lines = hub.takeScores()
        guard !lines.isEmpty else { return }
        for connection in connections where connection.isInService && subscribesToScores(connection) == 1 {
            for line in lines where connection.subscription.matches(line) {
                if connection.isLive, connection.output.byteCount <= limits.scoresBytes {
                    connection.output.append(line.bytes)
                } else {
                    counters.count { $0.droppedScores += 1 }
                }
            }
            connection.flush(scratch: &scratch, head: head)
        }
    }
}
