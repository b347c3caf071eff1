import Dispatch
import Events
import Kernels
import System
import XCLIP

/// What the inference thread does, until it has to stop: it takes the newest waiting picture of each stream in turn,
/// encodes those that wait together as one batch of rows, so that the weights are read once for all, scores each window and
/// moves its labels' events on.
///
/// A step may take seconds on a machine that is too slow for its model. What cannot wait for its end is done between its
/// products (`attend`): streams end, a configuration is reloaded, and a stop abandons the step.
final class InferenceLoop {
    /// Most frames in one batch: more rows make the products no faster, and the first stream waits for the last.
    static let batchLimit = 8

    private let worker: InferenceWorker
    private let output: any RecognitionOutput
    private let encoder: FrameEncoder
    private var sessions: [StreamSession] = []
    /// The cheapest level first: a stream of theirs never waits for another's whole window. Each round has one
    /// level and one precision.
    private var rounds: [(reuse: ReuseLevel, members: [StreamSession])] = []
    private var haveChanged = false
    private var batch = FrameBatch(capacity: batchLimit)
    /// The session whose decision is being computed. Its events cannot move meanwhile.
    private var deciding: StreamSession?
    private var turn = 0

    init(_ worker: InferenceWorker, model: XCLIPModel, threads: Int, output: any RecognitionOutput) {
        self.worker = worker
        self.output = output
        encoder = FrameEncoder(model: model, team: model.makeTeam(threads: threads), batch: Self.batchLimit)
    }

    func run() {
        encoder.team.interlude = { [unowned self] in attend() }
        while !worker.isStopping {
            _ = attend()
            if haveChanged { regroup() }
            // The stream that comes first changes from round to round: under overload all slow down evenly.
            turn += 1
            var progressed = false
            for (reuse, members) in rounds { progressed = step(reuse, of: members) || progressed }
            if !progressed { worker.rest() }
        }
        for session in sessions { session.end(.shutdown) }
        encoder.team.interlude = nil
        worker.close()
    }

    private func regroup() {
        rounds = [.cached, .sweep, .exact].flatMap { level in
            [.int8, .float32].map { precision in
                (level, sessions.filter { $0.reuse == level && $0.precision == precision })
            }
        }
        haveChanged = false
    }

    /// One batch of the streams `members`: at most one picture of each.
    ///
    /// - Returns: whether a picture waited.
    private func step(_ reuse: ReuseLevel, of members: [StreamSession]) -> Bool {
        let begun = MonotonicTime.now
        var taken = 0
        for offset in members.indices {
            let session = members[(turn + offset) % members.count]
            // One that does not fit in is not overtaken: it would wait for ever.
            guard taken + session.mostFrames <= Self.batchLimit else { break }
            if session.takeNewest(into: &batch) { taken += session.mostFrames }
        }
        guard taken > 0 else { return false }
        worker.stepBegins(at: begun)
        encoder.encode(batch, reuse)
        batch.removeAll()
        encoder.team.resume()
        for session in members where session.isInStep && !worker.isStopping {
            deciding = session
            session.decide(batchBegun: begun)
            deciding = nil
            encoder.team.resume()
        }
        worker.stepEnds(after: MonotonicTime.now - begun)
        return true
    }

    /// Shows that the thread goes on, and does what must not wait for the end of a step. Costs three atomic operations where
    /// there is nothing to do.
    ///
    /// - Returns: false if nobody needs the step under way any more.
    private func attend() -> Bool {
        worker.beat()
        if worker.isStopping { return false }
        change()
        notice()
        if let deciding { return !deciding.isLeaving }
        return batch.isEmpty || sessions.contains { $0.isInStep }
    }

    /// Ends the streams that are to end; the one that is deciding after its step.
    private func notice() {
        guard worker.takeEndings() else { return }
        for session in sessions where session !== deciding { session.noticeEnding() }
        guard let deciding, deciding.isEnding else { return }
        deciding.isLeaving = true
        worker.putBackEndings()
    }

    private func change() {
        let changes = worker.takeChanges()
        for (index, (change, done)) in changes.enumerated() {
            // What concerns the session that is deciding waits for its step, and all that comes after it too.
            if let deciding, change.stream === deciding.stream {
                if case .remove = change { deciding.isLeaving = true }
                return worker.putBack(changes[index...])
            }
            make(change)
            done.signal()
        }
    }

    private func make(_ change: InferenceWorker.Change) {
        switch change {
        case .add(let stream):
            sessions.append(StreamSession(stream: stream, encoder: encoder, output: output))
        case .remove(let stream, let reason):
            guard let index = sessions.firstIndex(where: { $0.stream === stream }) else { return }
            sessions[index].remove(reason)
            sessions.remove(at: index)
        case .replaceRules(let stream, let rules, let learned):
            sessions.first { $0.stream === stream }?.replaceRules(rules, learned: learned)
        case .restartEvents(let stream): sessions.first { $0.stream === stream }?.restartEvents()
        }
        haveChanged = true
    }
}

extension InferenceWorker.Change {
    fileprivate var stream: InferenceWorker.Stream {
        switch self {
        case .add(let stream), .remove(let stream, _), .replaceRules(let stream, _, _), .restartEvents(let stream):
            stream
        }
    }
}
