import Capture
import CaptureProcess
import EventFeed
import Logging
import Settings
import Synchronization
import System
import Text

/// Keeps pictures of events: the pictures that decided an event as a strip and, if configured, a clip from the stream's own
/// packets.
///
/// An event names its files when it starts. A thread of the store's own writes them soon after; recognition only queues the
/// work. If the disk is slow or full, pictures are lost and counted, and nothing else suffers.
final class PictureStore: Sendable {
    /// The paths in an event's records.
    struct Places: Equatable {
        var picture: String
        var clip: String?
    }

    /// The sources of a stream's pictures.
    struct Sources {
        var history: PictureHistory
        /// Nil if no clips are kept.
        var clips: SourceConnector.Clips?
    }

    private enum Work {
        case strip(PictureStrip, place: String)
        case clip(any ClipSource, from: Duration, to: Duration, place: String)
    }

    private struct Job {
        var due: Duration
        var work: Work
        var stream: String
    }

    private struct State {
        var jobs: [Job] = []
        var lost = 0
        var sources: [String: Sources] = [:]
    }

    /// Jobs beyond this are lost: the disk cannot keep up.
    static let jobLimit = 256
    private static let sweep = Duration.seconds(60)

    let settings: PictureSettings
    private let directory: PictureDirectory
    private let state = Mutex(State())
    private let worker = WorkerThread()
    private let logger = Logger(label: "pictures")

    /// - Throws: `OperationError` if the directory cannot be made.
    init(_ settings: PictureSettings) throws(OperationError) {
        self.settings = settings
        directory = PictureDirectory(path: settings.directory)
        try directory.make()
    }

    /// Pictures lost because the disk was full or slow.
    var lost: Int { state.withLock { $0.lost } }

    /// The taps for a stream with this many frames in its window.
    ///
    /// - Parameter isProcess: whether a process of its own reads the source.
    func sources(frames: Int, isProcess: Bool) -> Sources {
        let length = settings.clipBefore + settings.clipAfter
        let kept = length + .seconds(1)
        let clips: SourceConnector.Clips =
            isProcess ? .process(RemoteClips(length: kept)) : .ring(PacketRing(length: kept))
        return Sources(history: PictureHistory(capacity: frames), clips: settings.hasClips ? clips : nil)
    }

    func setSources(_ sources: [String: Sources]) { state.withLock { $0.sources = sources } }

    /// Queues the pictures of an event that has started. Never blocks.
    ///
    /// - Parameters:
    ///   - id: of the event.
    ///   - start: the event's start, on the monotonic clock.
    ///   - time: the moment of the decision, on the monotonic clock.
    ///   - utc: the event's start in UTC, for the name of the day's folder.
    /// - Returns: the paths; nil if the stream has no pictures.
    func keep(_ id: String, of stream: String, from start: Duration, decided time: Duration, utc: UTCTime) -> Places? {
        let places = state.withLock { state -> Places? in
            guard let sources = state.sources[stream], let strip = sources.history.strip(until: time) else {
                return nil
            }
            var places = Places(picture: directory.place(of: id, at: utc, kind: "jpg"), clip: nil)
            add(.strip(strip, place: places.picture), of: stream, due: time, to: &state)
            if let source = sources.clips?.source {
                let clip = directory.place(of: id, at: utc, kind: "mp4")
                let (first, last) = (start - settings.clipBefore, time + settings.clipAfter)
                add(.clip(source, from: first, to: last, place: clip), of: stream, due: last, to: &state)
                places.clip = clip
            }
            return places
        }
        worker.signal()
        return places
    }

    /// The whole file of an event; nil if there is none.
    func bytes(of event: String, kind: String) -> [UInt8]? { directory.bytes(of: event, kind: kind) }

    private func add(_ work: Work, of stream: String, due: Duration, to state: inout State) {
        guard state.jobs.count < Self.jobLimit else {
            state.lost += 1
            return
        }
        state.jobs.append(Job(due: due, work: work, stream: stream))
    }

    func start() throws(OperationError) {
        if let error = worker.start("pictures", { [self] in run() }) {
            throw OperationError("cannot start a thread for pictures: \(error)")
        }
    }

    /// Writes everything that is queued, clips as far as their packets have come, and ends the thread.
    func stop() { worker.stop() }

    private func run() {
        var swept = MonotonicTime.now - Self.sweep
        var clock = RetentionClock(newest: directory.files().map(\.modified).max())
        while true {
            let now = MonotonicTime.now
            let isStopping = worker.isStopping
            let (due, next) = state.withLock { state in
                let due = state.jobs.filter { $0.due <= now || isStopping }
                state.jobs.removeAll { $0.due <= now || isStopping }
                return (due, state.jobs.map(\.due).min())
            }
            for job in due { perform(job) }
            if isStopping { return }
            if now - swept >= Self.sweep {
                swept = now
                removeOld(by: &clock)
            }
            worker.wait(min(Self.sweep, next.map { $0 - MonotonicTime.now } ?? Self.sweep))
        }
    }

    private func perform(_ job: Job) {
        do {
            switch job.work {
            case .strip(let strip, let place):
                let bytes = try strip.jpeg()
                try directory.put(place) { try PictureDirectory.write(bytes, to: $0) }
            case .clip(let source, let start, let end, let place):
                try directory.put(place) { path in
                    let file = try PictureDirectory.makeFile(path)
                    guard try source.writeClip(from: start, to: end, into: file.raw, place: place) else {
                        throw OperationError(
                            "cannot write \(place): the stream's packets of that time have been discarded"
                        )
                    }
                }
            }
        } catch {
            state.withLock { $0.lost += 1 }
            logger.warning("\(error)", metadata: ["stream": "\(job.stream)"])
        }
    }

    private func removeOld(by clock: inout RetentionClock) {
        let files = directory.files()
        let now = RetentionClock.Reading(time: WallClock.now, isSynchronised: ClockSynchronisation.isVouchedFor)
        let cutoff: UTCTime?
        switch clock.verdict(keep: settings.keep, oldest: files.map(\.modified).min(), now: now) {
        case .drop(let before, _): cutoff = before
        case .wait(let before, let isNews):
            cutoff = nil
            if isNews {
                let count = files.count { $0.modified < before }
                logger.warning(
                    "\(count) files are older than events.keep if the clock is right, which reads \(now.time): they are removed in \(RetentionClock.patience.configured); until then, correct the clock if it is wrong"
                )
            }
        }
        for file in PictureRetention.doomed(files, before: cutoff, keepBytes: settings.keepBytes) {
            directory.remove(file)
        }
    }
}
