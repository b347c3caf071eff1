internal import CLibAV
package import Frames
package import MediaClock
internal import Signals
import System

/// An open video that is decoded, sampled on the grid and turned into the model's input.
///
/// It blocks and belongs to one thread at a time. `Cancellation` ends its waits from another thread. A broken source
/// stays broken: open it again to retry.
package struct VideoSource: ~Copyable {
    package private(set) var info: SourceInfo
    package private(set) var statistics = SourceStatistics()
    /// When the last sampled picture was taken, as well as its arrival tells, on the monotonic clock.
    package private(set) var takenAt = Duration.zero

    private let options: SourceOptions
    private let cancellation: Cancellation
    private let name: String
    /// The unit of the stream's time stamps, in seconds.
    private let timeBase: Double
    /// How long a picture is shown, in seconds, if it does not declare a duration.
    private var usualDuration: Double

    private let ring: PacketRing?
    private var painter: InputPainter
    private let decoder: Decoder
    private let input: SourceInput
    private let packet: Packet
    private let incoming: Picture

    /// The last picture decoded. The next one decides whether the grid chooses it.
    private let held: Picture
    private var heldTime: Double?
    /// Its time as the container gives it.
    private var lastTime: Double?
    private var heldDuration = 0.0
    private var heldArrival = 0.0
    /// Whether `incoming` holds the first picture, which opening has decoded.
    private var hasFirst = false

    /// When the last picture was decoded; at first, when the source was opened.
    private var lastPicture: Duration
    /// How long a live source may send packets without a picture. A key frame may be slow to arrive.
    private let pictureTimeout: Duration

    private var grid: SampleGrid
    private var clock: LiveClock
    private var cadence: Cadence
    private var pacer: Pacer?
    private var state = State.reading
    private var firstArrival: Double?
    private var lost = LostPictures()
    /// Whether the decoder conceals lost pictures without a word.
    private let losesSilently: Bool
    private var damage = DamageShare()
    /// Nil if nobody asks for it.
    private var camera: CameraWatch?

    private enum State {
        case reading, draining, finished
    }

    /// How long a live source may send packets until its first picture. Some cameras send a key frame every 50 s only.
    package static let firstPictureTimeout = Duration.seconds(120)

    /// Opens the source: connects within `openTimeout`, and reads a live source up to its first picture.
    ///
    /// - Parameters:
    ///   - options: what to open and how to sample it.
    ///   - cancellation: ends the waits of this source from another thread.
    ///   - taps: the source's other consumers.
    ///   - waiting: receives what a connected source is waited for, many times a second.
    /// - Throws: `CaptureError` with the source's name without credentials, the reason and the remedy.
    package static func open(
        _ options: SourceOptions,
        cancellation: Cancellation,
        taps: SourceTaps = SourceTaps(),
        waiting: ((String) -> Void)? = nil
    ) throws(CaptureError) -> VideoSource {
        var source = try VideoSource(connecting: options, cancellation, taps)
        if source.info.isLive { try source.decodeFirst(waiting) }
        return source
    }

    private init(
        connecting options: SourceOptions,
        _ cancellation: Cancellation,
        _ taps: SourceTaps
    ) throws(CaptureError) {
        precondition(options.interval > 0, "a sampling interval is positive")
        let address = SourceAddress(options.url)
        if cancellation.isCancelled { throw .cancelled(address.name) }
        let input = try SourceInput(options, address, cancellation)
        let (stream, description) = (input.stream, input.info)
        let threads = options.decodeThreads > 0 ? options.decodeThreads : (description.isLive ? 1 : 2)
        let decoder = try Decoder(stream, threads: threads, name: address.name)
        let packet = try Packet(for: address.name)
        let incoming = try Picture(for: address.name)
        let held = try Picture(for: address.name)

        taps.packets?.begin(stream)
        taps.history?.clear()
        let timeBase = av_q2d(stream.pointee.time_base)
        let bits = stream.pointee.pts_wrap_bits
        let wrapPeriod = (1..<63).contains(bits) ? Double(UInt64(1) << UInt64(bits)) * timeBase : nil
        let usualDuration = description.frameRate.map { 1 / $0 } ?? 0.04
        let pacer = options.pace == .realTime && !description.isLive ? Pacer() : nil

        // No branches from here on: where control flow joins, the optimising compiler (6.3) loses track of a partly
        // initialised noncopyable `self`.
        info = description
        self.options = options
        ring = taps.packets
        pictureTimeout = max(options.longestSilence(of: address) * 3, .seconds(30))
        self.cancellation = cancellation
        lastPicture = cancellation.clock.now()
        self.timeBase = timeBase
        losesSilently = [AV_CODEC_ID_H264, AV_CODEC_ID_HEVC].contains(stream.pointee.codecpar.pointee.codec_id)
        self.usualDuration = usualDuration
        self.pacer = pacer
        name = address.name
        camera = options.watchesCamera ? CameraWatch() : nil
        painter = InputPainter(options, orientation: Orientation(of: stream), name: address.name, taps: taps)
        grid = SampleGrid(interval: options.interval)
        clock = LiveClock(
            options.clock,
            isLive: description.isLive,
            carriesTime: input.carriesTime,
            wrapPeriod: wrapPeriod,
            interval: options.interval
        )
        cadence = Cadence(
            frameDuration: description.hasConstantFrameRate ? usualDuration : nil,
            isLive: description.isLive
        )
        self.input = input
        self.decoder = decoder
        self.packet = packet
        self.incoming = incoming
        self.held = held
    }

    /// The packets and pictures of a V4L2 device lie in the driver's memory. All of them are returned before the device
    /// is closed, in whichever order the parts are destroyed.
    deinit {
        held.clear()
        incoming.clear()
        packet.clear()
        decoder.forget()
        input.close()
    }

    /// The pictures a second: as declared, or as they arrive; nil until that is known.
    package var rate: Double? {
        if let declared = info.frameRate { return declared }
        guard info.isLive, let firstArrival, case let span = input.arrival - firstArrival, span >= Self.measure else {
            return nil
        }
        return Double(statistics.packets - 1) / span
    }

    /// The clock that places the pictures in time, and why it is not the source's own.
    package var clockInUse: (clock: SourceClock, reason: String?) { (clock.basis, clock.reason) }

    /// Decodes the first picture of a live source, which completes its description.
    private mutating func decodeFirst(_ waiting: ((String) -> Void)?) throws(CaptureError) {
        while true {
            if cancellation.isCancelled { throw .cancelled(name) }
            if cancellation.clock.now() - lastPicture > Self.firstPictureTimeout {
                throw CaptureError(
                    .timedOut,
                    "cannot decode \(name): \(statistics.packets) packets came within "
                        + "\(Self.firstPictureTimeout.seconds) s, but no key frame; shorten the camera's key frame interval"
                )
            }
            waiting?(statistics.packets == 0 ? "connected; waiting for video" : "connected; waiting for a key frame")
            switch try decoder.receive(into: incoming) {
            case .picture:
                info.complete(by: incoming, declaredRate: decoder.declaredRate)
                ring?.complete(by: incoming)
                if let rate = info.frameRate { usualDuration = 1 / rate }
                lastPicture = cancellation.clock.now()
                hasFirst = true
                damage.forgive(faults: statistics.damaged)
                return
            case .corrupt:
                statistics.corruptPackets += 1
                try feed(until: cancellation.clock.now() + Self.look)
            case .needsPacket:
                if state == .reading {
                    try feed(until: cancellation.clock.now() + Self.look)
                } else {
                    throw .libav(LIBAV_EOF, "decode", name)
                }
            case .end: throw .libav(LIBAV_EOF, "decode", name)
            }
        }
    }

    private static let look = Duration.milliseconds(50)
    /// The seconds over which a rate is measured.
    private static let measure = 2.5

    /// Decodes up to the next picture that the grid chooses and writes it into `pixels`. Packets that do not decode are
    /// counted and skipped.
    ///
    /// - Parameter pixels: receives `transform.byteCount` bytes for each part of the picture: rows of R, G, B. It must hold
    ///   `inputBytes`.
    /// - Returns: when the picture is shown; nil at the end of the stream.
    /// - Throws: `CaptureError`:
    ///   - `.timedOut` if no video packet arrives for `stallTimeout`, or packets arrive for longer than that without a
    ///     picture;
    ///   - `.cancelled`;
    ///   - `.unreadable` for a file in which nothing decodes;
    ///   - the reason why a live source broke.
    package mutating func next(
        into pixels: UnsafeMutableBufferPointer<UInt8>
    ) throws(CaptureError) -> SampledFrame? {
        guard let output = pixels.baseAddress, pixels.count >= options.inputBytes else {
            preconditionFailure("the pixel buffer is smaller than the model's input")
        }
        while state != .finished {
            if cancellation.isCancelled { throw .cancelled(name) }
            if info.isLive, cancellation.clock.now() - lastPicture > pictureTimeout {
                throw .timedOut("decode a picture of", name, after: pictureTimeout)
            }
            switch hasFirst ? .picture : try decoder.receive(into: incoming) {
            case .picture:
                hasFirst = false
                lastPicture = cancellation.clock.now()
                if let sampled = try accept(into: output) { return sampled }
            case .corrupt:
                statistics.corruptPackets += 1
                // While draining, the decoder is asked again: each call returns one picture or one fault.
                if state == .reading { try feed() }
            case .needsPacket:
                if state == .reading { try feed() } else { state = .finished }
            case .end:
                state = .finished
                return try finish(into: output)
            }
        }
        return nil
    }

    /// Reads the next packet into the decoder, or starts draining at the end.
    ///
    /// - Parameter limit: when to return without a packet; nil for never.
    private mutating func feed(until limit: Duration? = nil) throws(CaptureError) {
        switch try input.read(into: packet, &clock, until: limit) {
        case nil: break
        case .packet:
            statistics.packets += 1
            firstArrival = firstArrival ?? input.arrival
            ring?.add(packet)
            let skippable = isSkippable()
            if skippable { statistics.skippablePackets += 1 }
            let isCorrupt = packet.pointer.pointee.flags & AV_PKT_FLAG_CORRUPT != 0
            let isSent = try decoder.send(packet, skipsNonReference: skippable)
            if !isSent || isCorrupt { statistics.corruptPackets += 1 }
            countLost(skippable: skippable, isFaulty: !isSent || isCorrupt)
            packet.clear()
        case .broken(let error):
            statistics.endedEarly = error
            fallthrough
        case .end:
            state = .draining
            try decoder.drain()
        }
    }

    private mutating func countLost(skippable: Bool, isFaulty: Bool) {
        guard losesSilently else { return }
        let flags = packet.pointer.pointee.flags
        statistics.lostPictures += lost.packet(
            at: packetTime,
            isSkipped: skippable || flags & AV_PKT_FLAG_DISCARD != 0,
            isFaulty: isFaulty,
            lacking: decoder.lacking
        )
    }

    /// When the current packet is decoded, in seconds; nil if unknown.
    private var packetTime: Double? {
        let (pts, dts) = (packet.pointer.pointee.pts, packet.pointer.pointee.dts)
        let stamp = dts != LIBAV_NO_PTS ? dts : pts
        return stamp != LIBAV_NO_PTS ? Double(stamp) * timeBase : nil
    }

    /// Whether the grid cannot choose the current packet's picture.
    ///
    /// This holds if the picture lies more than two pictures from any tick. The picture nearest to a tick and both its
    /// neighbours are therefore always decoded.
    private mutating func isSkippable() -> Bool {
        guard options.skipsNonReference, info.isLive || info.hasConstantFrameRate else { return false }
        let pts = packet.pointer.pointee.pts
        guard cadence.isEven(at: packetTime), pts != LIBAV_NO_PTS, heldTime != nil,
            let duration = cadence.frameDuration, options.interval > 4 * duration,
            let position = clock.position(of: Double(pts) * timeBase)
        else { return false }
        return grid.distanceToTick(from: position) > 2 * duration
    }

    /// Takes the decoded picture as the held one. Paints the previously held picture if a tick is nearest to it.
    private mutating func accept(into output: UnsafeMutablePointer<UInt8>) throws(CaptureError) -> SampledFrame? {
        defer { incoming.clear() }
        let frame = incoming.pointer
        statistics.decodedFrames += 1
        lost.picture()
        if frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0 || frame.pointee.decode_error_flags != 0 {
            statistics.corruptFrames += 1
        }
        let shown = libav_frame_duration(frame)
        let duration = shown > 0 ? Double(shown) * timeBase : usualDuration
        let pts = frame.pointee.best_effort_timestamp
        let time = pts != LIBAV_NO_PTS ? Double(pts) * timeBase : lastTime.map { $0 + heldDuration } ?? 0

        let position: Double
        switch clock.place(time, duration: duration, arrival: input.arrival) {
        case .placed(let place):
            position = place
        case .discontinuity(let place):
            statistics.discontinuities += 1
            position = place
        case .outOfOrder:
            statistics.outOfOrderFrames += 1
            return nil
        }
        pacer?.wait(until: position, cancellation: cancellation)
        let sampled = try paintHeld(grid.advance(to: position), into: output)
        if camera?.isDue(at: position) == true, let luma = incoming.luma { camera?.watch(luma, at: position) }
        held.take(from: incoming)
        // A live source's own time may run at any pace.
        heldTime = info.isLive ? position : time
        lastTime = time
        heldDuration = duration
        heldArrival = info.isLive ? clock.shown(at: position) : MonotonicTime.now.seconds
        return sampled
    }

    /// Paints the last picture if a tick is nearest to it.
    private mutating func finish(into output: UnsafeMutablePointer<UInt8>) throws(CaptureError) -> SampledFrame? {
        guard heldTime != nil else {
            if let error = statistics.endedEarly { throw error }
            throw CaptureError(.unreadable, "cannot decode \(name): none of its pictures can be decoded")
        }
        return try paintHeld(grid.finish(lastDuration: heldDuration), into: output)
    }

    private mutating func paintHeld(
        _ ticks: Range<Int>,
        into output: UnsafeMutablePointer<UInt8>
    ) throws(CaptureError) -> SampledFrame? {
        guard let heldTime, !ticks.isEmpty else { return nil }
        input.waitForTurn(ticks: ticks.count, arrival: heldArrival, &clock)
        takenAt = .seconds(heldArrival)
        let parts = try painter.paint(held, takenAt: takenAt, into: output)
        statistics.sampledFrames += 1
        damage.advance(faults: statistics.damaged, over: Double(ticks.count) * options.interval)
        var measures = painter.measures
        measures?.damage = Float(damage.value)
        if let troubles = camera?.takeMeasures() { measures?.camera = painter.orientation.shown(troubles) }
        if let measures { camera?.note(measures) }
        return SampledFrame(time: heldTime, ticks: ticks, parts: parts, measures: measures)
    }
}
