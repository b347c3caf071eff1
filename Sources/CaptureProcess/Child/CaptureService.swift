import Capture
import Dispatch
import Frames
import Glibc
import MediaClock
import ONVIF
import Synchronization
import System
import Text

/// The body of a capture process: reads one connection of one source for the daemon at the other end of its socket.
///
/// One thread opens and reads the source. Another takes the daemon's requests, and ends the process at once when the daemon
/// is gone. As long as a camera is asked for its stream, there is only the first.
package enum CaptureService {
    /// The descriptor of the socket to the daemon.
    static let socket = STDIN_FILENO

    /// Runs until the source has ended and nobody needs its packets any more.
    package static func run() -> Never {
        // The daemon decides when it ends, or its end does. A service's stop, or a terminal, signals all processes.
        for number in [SIGTERM, SIGINT, SIGHUP, SIGPIPE] { signal(number, SIG_IGN) }
        guard Confinement.begin(), let connection = CaptureConnection.accept() else { _exit(2) }
        connection.run()
        _exit(0)
    }
}

/// The process's end of the socket, and what the requests change.
final class CaptureConnection: Sendable {
    private let socket: MessageSocket
    private let opening: CaptureRequest.Opening
    private let memory: PictureMemory
    private let cancellation: Cancellation
    private let newest: PictureTap?
    private let history: PictureHistory?
    private let packets: PacketRing?
    /// The slots that may be written.
    private let free = Mutex(Array(0..<PictureMemory.slotCount))
    private let released = DispatchSemaphore(value: 0)
    private let closed = DispatchSemaphore(value: 0)
    private let lastSign = Mutex(Duration.zero)

    private static let signInterval = Duration.seconds(1)
    /// How long packets are kept for clips beyond the time that a clip may still be due.
    private static let grace = Duration.seconds(5)

    /// Receives the first request and what comes with it. Returns nil if it makes no sense.
    static func accept() -> CaptureConnection? {
        let socket = MessageSocket(owning: CaptureService.socket)
        var buffer = [UInt8](repeating: 0, count: CaptureRequest.mostBytes)
        guard case .message(let bytes, var descriptors) = socket.receive(into: &buffer, waits: true),
            case .open(var opening)? = try? CaptureRequest(bytes), !descriptors.isEmpty,
            let memory = try? PictureMemory(
                mapping: descriptors.removeFirst(),
                inputBytes: opening.options.inputBytes,
                newestWidest: opening.newestWidest ?? 0
            )
        else { return nil }
        let verifies = opening.options.tls.isVerified || opening.options.isCamera
        opening.options.url = LocalName.resolved(opening.options.url, verifiesServer: verifies)
        if opening.hasPipe, let output = descriptors.first {
            let complaints = opening.hasComplaints ? descriptors.dropFirst().first : nil
            opening.options.pipe = SourceOptions.PipeEnds(output: output, complaints: complaints)
        }
        return CaptureConnection(socket, opening, memory)
    }

    private init(_ socket: MessageSocket, _ opening: CaptureRequest.Opening, _ memory: PictureMemory) {
        self.socket = socket
        self.opening = opening
        self.memory = memory
        newest = opening.newestWidest.map { PictureTap(widest: $0) }
        // The daemon keeps them.
        history = opening.keepsHistory ? PictureHistory(capacity: 1) : nil
        packets = opening.clipLength.map { PacketRing(length: $0) }
        let sign = SignOfLife(socket, every: Self.signInterval)
        // Asked many times a second by the thread that reads: a sign that it does not hang.
        cancellation = Cancellation {
            sign.give()
            return false
        }
    }

    func run() {
        LibAVLog.forward(upTo: .warning) { [socket] level, line in
            // A line that finds no room is lost: the daemon has more important things to read.
            socket.send(CaptureReport.log(level, line).bytes, waits: false)
        }
        // Before any other thread begins: what confines files and ports holds for this thread and those that it starts.
        let options = confine()
        guard case .success = NamedThread.start("requests", { self.takeRequests() }) else { _exit(1) }
        do throws(CaptureError) {
            try read(options.get())
        } catch {
            report(.failed(error))
        }
        // Clips of what was read last may still be due.
        if let packets, packets.holdsVideo, let length = opening.clipLength {
            MonotonicTime.sleep(for: length + Self.grace)
        } else {
            // The daemon may still read the last pictures and release them, which it could not with a process that is gone.
            closed.wait()
        }
    }

    /// Confines the process. A camera is asked for its stream before that: its answer has the stream's port.
    ///
    /// - Returns: what to read.
    private func confine() -> Result<SourceOptions, CaptureError> {
        let options = opening.options
        var confinement = Confinement(for: options, asks: options.isCamera)
        guard options.isCamera else {
            report(.confined(confinement.text))
            return .success(options)
        }
        let result: Result<SourceOptions, CaptureError>
        do throws(CaptureError) {
            result = .success(try ask(options))
        } catch {
            result = .failure(error)
        }
        confinement.confinePorts(for: (try? result.get()) ?? options)
        report(.confined(confinement.text))
        return result
    }

    /// Asks the camera for its stream, with what earlier processes have learnt of it.
    private func ask(_ options: SourceOptions) throws(CaptureError) -> SourceOptions {
        CameraMemory.shared[options.url] = opening.camera
        var buffer = [UInt8](repeating: 0, count: CaptureRequest.mostBytes)
        let resolved = try options.resolved { [self] in
            takeRequest(into: &buffer, waits: false)
            return cancellation.isCancelled
        }
        if let note = CameraMemory.shared[options.url], note != opening.camera { report(.camera(note)) }
        return resolved
    }

    private func read(_ options: SourceOptions) throws(CaptureError) {
        let taps = SourceTaps(newest: newest, history: history, packets: packets)
        let source = try LocalSource(options, cancellation: cancellation, taps: taps) { [self] text in
            sayWaiting(text)
        }
        report(.opened(source.info, holdsVideo: packets?.holdsVideo ?? false))
        var (clock, rate) = (SourceClock?.none, source.info.frameRate)
        while let slot = takeSlot() {
            let pixels = memory.input(slot).bindMemory(to: UInt8.self)
            guard let frame = try source.next(into: pixels) else { break }
            if source.clockInUse.clock != clock {
                clock = source.clockInUse.clock
                report(.clock(source.clockInUse.clock, reason: source.clockInUse.reason))
            }
            if rate == nil, let measured = source.rate {
                rate = measured
                report(.rate(measured))
            }
            var picture = CapturedPicture(slot: slot, frame: frame, takenAt: source.takenAt)
            picture.newest = newest?.take().map { put($0, into: memory.newest(slot)) }
            picture.history = history?.takeNewest().map { put($0, into: memory.history(slot)) }
            report(.picture(picture))
        }
        report(.ended(damaged: source.statistics.damaged, early: source.statistics.endedEarly))
    }

    private func put(_ picture: PlanarPicture, into memory: UnsafeMutableRawBufferPointer) -> PixelSize {
        picture.bytes.withUnsafeBytes {
            memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0.prefix(memory.count)))
        }
        return PixelSize(width: picture.width, height: picture.height)
    }

    /// A slot that the daemon has copied, or that was never used; nil once the source is to be closed.
    private func takeSlot() -> Int? {
        while !cancellation.isCancelled {
            if let slot = free.withLock({ $0.popLast() }) { return slot }
            _ = released.wait(timeout: .now() + .milliseconds(50))
        }
        return nil
    }

    private func report(_ report: CaptureReport) {
        // Without a daemon there is nobody to capture for.
        if !socket.send(report.bytes) { _exit(0) }
    }

    /// Said many times a second; passed on a few times.
    private func sayWaiting(_ text: String) {
        let now = MonotonicTime.now
        let isDue = lastSign.withLock { last in
            guard now - last >= .milliseconds(200) else { return false }
            last = now
            return true
        }
        if isDue { report(.waiting(text)) }
    }

    // MARK: - Requests

    private func takeRequests() {
        var buffer = [UInt8](repeating: 0, count: CaptureRequest.mostBytes)
        while true { takeRequest(into: &buffer, waits: true) }
    }

    private func takeRequest(into buffer: inout [UInt8], waits: Bool) {
        let received = socket.receive(into: &buffer, waits: waits)
        if case .none = received { return }
        guard case .message(let bytes, let descriptors) = received, let request = try? CaptureRequest(bytes) else {
            _exit(0)
        }
        switch request {
        case .look: newest?.request()
        case .release(let slot):
            free.withLock { if !$0.contains(slot) { $0.append(slot) } }
            released.signal()
        case .clip(let start, let end):
            if descriptors.count == 2 { cut(start, end, file: descriptors[0], answer: descriptors[1]) }
        case .close:
            cancellation.cancel()
            released.signal()
            closed.signal()
        case .open: _exit(2)
        }
        for descriptor in descriptors { close(descriptor) }
    }

    private func cut(_ start: Duration, _ end: Duration, file: Int32, answer: Int32) {
        let result: ClipAnswer
        do throws(CaptureError) {
            let isWritten = try packets?.writeClip(from: start, to: end, into: file, place: "the clip") ?? false
            result = isWritten ? .written : .nothingKept
        } catch {
            result = .failed(error.message)
        }
        let bytes = result.bytes
        _ = uninterrupted { write(answer, bytes, bytes.count) }
    }
}

/// Tells the daemon that the thread which asks for it still runs, every so often.
private final class SignOfLife: Sendable {
    private let socket: MessageSocket
    private let interval: Duration
    private let last = Mutex(Duration.zero)

    init(_ socket: MessageSocket, every interval: Duration) {
        self.socket = socket
        self.interval = interval
    }

    func give() {
        let now = MonotonicTime.now
        let isDue = last.withLock { last in
            guard now - last >= interval else { return false }
            last = now
            return true
        }
        if isDue { socket.send(CaptureReport.alive.bytes, waits: false) }
    }
}
