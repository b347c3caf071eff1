package import Capture
package import Frames
import Glibc
package import MediaClock
import System
import Text

/// A source that a process of its own opens, reads and decodes: what a camera sends can end or hang that process alone.
///
/// It belongs to one thread at a time. A process that breaks off, hangs or says what cannot be true is killed, and the
/// source has failed.
package final class RemoteSource: SourceReading {
    package private(set) var info: SourceInfo
    package private(set) var statistics = SourceStatistics()
    package private(set) var takenAt = Duration.zero
    package private(set) var rate: Double?
    package private(set) var clockInUse: (clock: SourceClock, reason: String?)
    /// What confines the process, in words.
    package private(set) var confinement = ""
    package var process: Int32 { child.process }

    /// A line that the process wrote.
    package enum LogLine: Sendable {
        case libav(LibAVLog.Level, String)
        /// To its standard error, as the runtime does before it ends.
        case complaint(String)
    }

    private let child: CaptureChild
    private let command: ProcessGroup?
    private let options: SourceOptions
    private let name: String
    private let cancellation: Cancellation
    private let taps: RemoteTaps
    private let log: @Sendable (LogLine) -> Void
    private var buffer = [UInt8](repeating: 0, count: CaptureReport.mostBytes)
    private var complaint = LineSplitter(limit: 1000)
    /// Whether the process's standard error is open.
    private var complains = true
    private var lastTick = 0
    private var pictures = 0
    private var lastLook: Duration?
    /// When the process last gave a sign of life.
    private var lastSign = MonotonicTime.now

    private static let look = Duration.milliseconds(100)
    /// How often a request for the newest picture is passed on.
    private static let lookInterval = Duration.seconds(1)
    /// How long a process has to close its source. Some cameras count sessions that nobody has ended.
    private static let farewell = Duration.seconds(1)
    /// How long a process may take to start, on a machine that has hardly any time for it.
    private static let startPatience = Duration.seconds(60)
    /// How far in the past a picture may have been taken, beside the time until the next one is asked for.
    private static let oldest = Duration.seconds(3600)

    /// Starts a process and has it open the source; see `VideoSource.open`.
    ///
    /// - Parameters:
    ///   - options: what to open and how to sample it.
    ///   - program: what reads it.
    ///   - cancellation: ends the waits from another thread.
    ///   - taps: the source's other consumers.
    ///   - log: receives the process's log, without credentials.
    ///   - waiting: receives what a connected source is waited for.
    /// - Throws: `CaptureError`.
    package init(
        _ options: SourceOptions,
        program: CaptureProgram,
        cancellation: Cancellation,
        taps: RemoteTaps,
        log: @escaping @Sendable (LogLine) -> Void,
        waiting: ((String) -> Void)? = nil
    ) throws(CaptureError) {
        name = Redaction().redact(options.url).singleLine
        self.options = options
        self.cancellation = cancellation
        self.taps = taps
        self.log = log
        clockInUse = (options.clock == .arrival ? .arrival : .source, nil)
        info = SourceInfo.unknown
        do throws(Errno) {
            let widest = taps.newest?.widest ?? 0
            child = try CaptureChild(program, inputBytes: options.inputBytes, newestWidest: widest)
        } catch {
            throw CaptureError(
                .resources,
                "cannot start the process that reads \(Redaction().redact(options.url)): \(error); allow the service to "
                    + "start its own program, or set capture: thread"
            )
        }
        command = try Self.open(options, taps, child, name)
        taps.history?.clear()
        try awaitOpening(waiting)
    }

    /// Sends the source's options, and what has to be opened outside the process's confinement.
    ///
    /// - Returns: the command that was started, if the source is one.
    private static func open(
        _ options: SourceOptions,
        _ taps: RemoteTaps,
        _ child: CaptureChild,
        _ name: String
    ) throws(CaptureError) -> ProcessGroup? {
        var opening = CaptureRequest.Opening(
            options: options,
            newestWidest: taps.newest?.widest,
            keepsHistory: taps.history != nil,
            clipLength: taps.clips?.length
        )
        opening.camera = taps.camera?.note
        var descriptors = [child.memory.descriptor.raw]
        var owned: [Int32] = []
        defer { for descriptor in owned { close(descriptor) } }
        var group: ProcessGroup?
        if let command = StartedCommand.command(of: options.url) {
            let started = try StartedCommand(command, for: name)
            group = started.group
            owned = [started.ends.output] + (started.ends.complaints.map { [$0] } ?? [])
            (opening.hasPipe, opening.hasComplaints) = (true, started.ends.complaints != nil)
        } else if options.url == "pipe:0" {
            owned = [fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)]
            opening.hasPipe = true
        }
        descriptors += owned
        guard child.send(.open(opening), descriptors: descriptors) else {
            group?.end(grace: StartedCommand.grace)
            throw CaptureError(.failed, "cannot open \(name): its capture process \(child.ending ?? "does not listen")")
        }
        return group
    }

    deinit {
        child.send(.close)
        if command == nil, taps.clips?.holds(child) != true { child.wait(Self.farewell) }
        command?.end(grace: StartedCommand.grace)
    }

    private func awaitOpening(_ waiting: ((String) -> Void)?) throws(CaptureError) {
        while true {
            switch try receive() {
            case .opened(let info, let holdsVideo)?:
                self.info = info
                rate = info.frameRate
                taps.clips?.begin(holdsVideo ? child : nil)
                return
            case .waiting(let text)?: waiting?(text)
            case .confined(let text)?: confinement = text
            case .camera(let note)?: taps.camera?.note = note
            case .failed(let error)?: throw error
            case .picture?, .clock?, .rate?, .ended?: throw broken("sends what it should not")
            case .alive?, .log?, nil: break
            }
        }
    }

    package func next(into pixels: UnsafeMutableBufferPointer<UInt8>) throws(CaptureError) -> SampledFrame? {
        precondition(pixels.count >= options.inputBytes, "the pixel buffer is smaller than the model's input")
        while true {
            passOnLook()
            switch try receive() {
            case .picture(let picture)?: return try take(picture, into: pixels)
            case .clock(let clock, let reason)?: clockInUse = (clock, reason)
            case .rate(let rate)?: self.rate = rate
            case .ended(let damaged, let early)?:
                statistics.corruptPackets = damaged
                statistics.endedEarly = early
                return nil
            case .failed(let error)?: throw error
            case .opened?, .waiting?, .confined?, .camera?: throw broken("sends what it should not")
            case .alive?, .log?, nil: break
            }
        }
    }

    /// Someone looks at the stream: the process makes the newest pictures.
    private func passOnLook() {
        guard let newest = taps.newest, newest.isWanted else { return }
        let now = MonotonicTime.now
        if let lastLook, now - lastLook < Self.lookInterval { return }
        lastLook = now
        child.send(.look)
    }

    private func take(
        _ picture: CapturedPicture,
        into pixels: UnsafeMutableBufferPointer<UInt8>
    ) throws(CaptureError) -> SampledFrame {
        let frame = picture.frame
        let now = MonotonicTime.now
        guard frame.ticks.lowerBound >= lastTick, frame.parts.count <= options.view.mostParts,
            picture.takenAt <= now + .seconds(1), picture.takenAt >= now - Self.oldest - options.poll
        else { throw broken("sends a picture that cannot be") }
        lastTick = frame.ticks.upperBound
        takenAt = min(picture.takenAt, now)
        UnsafeMutableRawBufferPointer(pixels).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: child.memory.input(picture.slot).prefix(options.inputBytes))
        )
        if let size = picture.newest, let newest = taps.newest {
            let planes = UnsafeRawBufferPointer(child.memory.newest(picture.slot))
            newest.put(try small(size, newest.widest, planes))
        }
        if let size = picture.history, let history = taps.history {
            let planes = UnsafeRawBufferPointer(child.memory.history(picture.slot))
            history.put(try small(size, PictureHistory.widest, planes), takenAt: takenAt)
        }
        statistics.sampledFrames += 1
        pictures += 1
        // If the process is gone, the next report or the socket's end says how.
        child.send(.release(slot: picture.slot))
        return frame
    }

    private func small(
        _ size: PixelSize,
        _ widest: Int,
        _ planes: UnsafeRawBufferPointer
    ) throws(CaptureError) -> PlanarPicture {
        guard let picture = PlanarPicture(width: size.width, height: size.height, widest: widest, planes: planes) else {
            throw broken("sends a picture that cannot be")
        }
        return picture
    }

    // MARK: - Messages

    /// The next report; nil if none came within a moment.
    private func receive() throws(CaptureError) -> CaptureReport? {
        switch child.socket.receive(into: &buffer, waits: false) {
        case .message(let bytes, let descriptors):
            for descriptor in descriptors { close(descriptor) }
            lastSign = MonotonicTime.now
            // A sign of the process's life is one of this thread's.
            _ = cancellation.isCancelled
            let report: CaptureReport
            do throws(WireReader.Malformed) {
                report = try CaptureReport(bytes)
            } catch {
                throw broken("sends what no message is")
            }
            if case .log(let level, let line) = report { log(.libav(level, line)) }
            return report
        case .end: throw broken(waitForEnding())
        case .none:
            if cancellation.isCancelled { throw .cancelled(name) }
            // A process that has only begun loads its libraries.
            let usual = max(options.openTimeout, options.stallTimeout) + .seconds(10)
            let limit = confinement.isEmpty ? max(usual, Self.startPatience) : usual
            if MonotonicTime.now - lastSign > limit { throw broken("gave no sign of life for \(limit.configured)") }
            if child.socket.wait(Self.look, or: complains ? child.complaints.raw : -1) { forwardComplaints() }
            return nil
        }
    }

    private func waitForEnding() -> String {
        child.wait(Self.farewell)
        forwardComplaints()
        return child.ending ?? "closed its socket"
    }

    /// The process is of no more use: it is killed.
    private func broken(_ what: String) -> CaptureError {
        child.kill()
        taps.clips?.drop(child)
        let place = pictures == 0 ? "while it opened the source" : "after \(pictures) pictures"
        return CaptureError(.crashed, "\(name): its capture process \(what) \(place); the source is opened again")
    }

    /// Logs what the process writes to its standard error.
    private func forwardComplaints() {
        guard complains else { return }
        var chunk = [UInt8](repeating: 0, count: 2048)
        while true {
            let got = read(child.complaints.raw, &chunk, chunk.count)
            // Once closed, it would always be ready.
            if got == 0 { complains = false }
            guard got > 0 else { return }
            for line in complaint.take(chunk[..<got]) { log(.complaint(Redaction().redact(line).singleLine)) }
        }
    }
}

extension SourceInfo {
    /// Before anything is known.
    fileprivate static let unknown = SourceInfo(
        container: "",
        codec: "",
        width: 0,
        height: 0,
        frameRate: nil,
        hasConstantFrameRate: false,
        pixelFormat: nil,
        rotation: 0,
        aspect: 1,
        isInterlaced: false,
        duration: nil,
        isLive: false
    )
}
