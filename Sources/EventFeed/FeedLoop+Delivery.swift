import Glibc
import Text

extension FeedLoop {
    /// Moves records from the hub or the journal to the client's queue: all of them for a live client, as many as it
    /// reads for a replay.
    func pump(_ connection: FeedConnection) {
        connection.flush(scratch: &scratch, head: head)
        for _ in 0..<Self.maxBatches where connection.isInService && connection.awaitedPage == nil {
            if !connection.isLive, connection.output.byteCount >= limits.replayBytes { break }
            if connection.page != nil {
                walkPage(of: connection)
            } else if connection.cursor <= head.seqLast {
                walkMemory(connection)
            } else {
                connection.isLive = true
                break
            }
            connection.flush(scratch: &scratch, head: head)
            if connection.output.byteCount > limits.maxBufferedBytes { break }
        }
        if connection.isInService, isTooSlow(connection) { cutOff(connection) }
    }

    private func walkMemory(_ connection: FeedConnection) {
        let batch = hub.read(from: connection.cursor, limit: Self.batchSize)
        if let lost = batch.lost {
            guard hub.journal == nil else {
                connection.awaitedPage = hub.journal?.reader.request(lost)
                connection.isLive = false
                return
            }
            skip(lost, connection)
        }
        for line in batch.lines { pass(line, to: connection) }
        connection.cursor += UInt64(batch.lines.count)
    }

    /// Delivers the page while the client reads it. Numbers that it lacks are no longer kept.
    private func walkPage(of connection: FeedConnection) {
        let room = connection.isLive ? limits.maxBufferedBytes : limits.replayBytes
        while let page = connection.page, connection.output.byteCount <= room {
            guard let line = page.lines.first, let seq = line.seq else {
                if connection.cursor <= page.through { skip(connection.cursor...page.through, connection) }
                connection.page = nil
                return
            }
            if connection.cursor < seq { skip(connection.cursor...(seq - 1), connection) }
            connection.page?.lines.removeFirst()
            connection.cursor = seq + 1
            pass(line, to: connection)
        }
    }

    private func pass(_ line: FeedLine, to connection: FeedConnection) {
        guard connection.subscription.matches(line) else { return }
        connection.output.append(line.bytes, seq: line.seq)
    }

    /// Announces records that are no longer kept.
    func skip(_ lost: ClosedRange<UInt64>, _ connection: FeedConnection) {
        connection.output.append(FeedMessages.gap(lost).bytes, seq: lost.upperBound)
        connection.cursor = lost.upperBound + 1
    }

    /// Gives the pages that have come from the journal to the connections that wait for them.
    func takePages() {
        guard let journal = hub.journal else { return }
        for answer in journal.reader.takeAnswers() {
            // A connection that has gone or has subscribed anew no longer waits.
            guard let connection = connections.first(where: { $0.awaitedPage == answer.ticket }) else { continue }
            connection.awaitedPage = nil
            connection.page = (answer.page.lines[...], answer.page.through)
        }
    }

    /// A live client is too slow when its buffer is full. A replay never fills the buffer: it is too slow when the
    /// client has read nothing while a buffer's worth of new records came.
    private func isTooSlow(_ connection: FeedConnection) -> Bool {
        if connection.isLive { return connection.output.byteCount > limits.maxBufferedBytes }
        return head.publishedBytes > connection.tookAt + UInt64(limits.maxBufferedBytes)
    }

    /// Sends scores and notices. A client that has not caught up gets no scores; every subscriber gets the journal's
    /// state.
    func deliverWaiting() {
        let lines = hub.takeWaiting()
        guard !lines.isEmpty else { return }
        for connection in connections where connection.isInService {
            for line in lines where connection.subscription.matches(line) {
                if line.type != .scores || (connection.isLive && connection.output.byteCount <= limits.scoresBytes) {
                    connection.output.append(line.bytes)
                } else {
                    counters.count { $0.droppedScores += 1 }
                }
            }
            connection.flush(scratch: &scratch, head: head)
        }
    }
}
