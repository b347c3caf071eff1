internal import CLibAV
package import Frames
import System

/// An open video that is decoded, sampled on the grid and turned into the model's input.
///
/// It blocks and belongs to one thread at a time. `Cancellation` ends its waits from another thread. A broken source
/// stays broken: open it again to retry.
package struct VideoSource: ~Copyable {
    package let info: SourceInfo
    package private(set) var statistics = SourceStatistics()

    private let options: SourceOptions
    private let cancellation: Cancellation
    private let name: String
    /// The unit of the stream's time stamps, in seconds.
    private let timeBase: Double
    /// How long a picture is shown, in seconds, if it does not declare a duration.
    private let usualDuration: Double

    private let packets: PacketRing?
    private var painter: InputPainter
    private let decoder: Decoder
    private let demuxer: Demuxer
    private let packet: Packet
    private let incoming: Picture

    /// The last picture decoded. The next one decides whether the grid chooses it.
    private let held: Picture
    private var heldTime: Double?
    private var heldDuration = 0.0

    /// When the last picture was decoded; at first, when the source was opened.
    private var lastPicture: Duration
    /// How long a live source may send packets without a picture. A key frame may be slow to arrive.
    private let pictureTimeout: Duration

    private var grid: SampleGrid
    private var timeline: PTSTimeline
    private var cadence: Cadence
    private var pacer: Pacer?
    private var state = State.reading

    private enum State {
        case reading, draining, finished
    }

    /// Opens the source and waits for the stream's parameters, for at most `openTimeout`.
    ///
    /// - Parameters:
    ///   - options: what to open and how to sample it.
    ///   - cancellation: ends the waits of this source from another thread.
    ///   - taps: the source's other consumers.
    /// - Throws: `CaptureError` with the source's name without credentials, the reason and the remedy.
    package init(
        opening options: SourceOptions,
        cancellation: Cancellation,
        taps: SourceTaps = SourceTaps()
    ) throws(CaptureError) {
        precondition(options.interval > 0, "a sampling interval is positive")
        let address = SourceAddress(options.url)
        if cancellation.isCancelled { throw .cancelled(address.name) }
        let demuxer = try Demuxer(options, address, cancellation)
        let threads = options.decodeThreads > 0 ? options.decodeThreads : (demuxer.isLive ? 1 : 2)
        let decoder = try Decoder(demuxer, threads: threads, name: address.name)
        let packet = try Packet(for: address.name)
        let incoming = try Picture(for: address.name)
        let held = try Picture(for: address.name)

        taps.packets?.begin(demuxer.stream)
        taps.history?.clear()
        let orientation = demuxer.orientation
        let info = demuxer.info(orientation)
        let timeBase = av_q2d(demuxer.stream.pointee.time_base)
        let bits = demuxer.stream.pointee.pts_wrap_bits
        let wrapPeriod = (1..<63).contains(bits) ? Double(UInt64(1) << UInt64(bits)) * timeBase : nil
        let usualDuration = info.frameRate.map { 1 / $0 } ?? 0.04
        let pacer = options.pace == .realTime && !info.isLive ? Pacer() : nil

        // No branches from here on: where control flow joins, the optimising compiler (6.3) loses track of a partly
        // initialised noncopyable `self`.
        self.info = info
        self.options = options
        packets = taps.packets
        pictureTimeout = max(options.stallTimeout * 3, .seconds(30))
        self.cancellation = cancellation
        lastPicture = cancellation.clock.now()
        self.timeBase = timeBase
        self.usualDuration = usualDuration
        self.pacer = pacer
        name = address.name
        painter = InputPainter(options, orientation: orientation, name: address.name, taps: taps)
        grid = SampleGrid(interval: options.interval)
        timeline = PTSTimeline(wrapPeriod: wrapPeriod, isLive: info.isLive, interval: options.interval)
        cadence = Cadence(frameDuration: usualDuration, isLive: info.isLive)
        self.demuxer = demuxer
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
    }

    /// Decodes up to the next picture that the grid chooses and writes it into `pixels`. Packets that do not decode are
    /// counted and skipped.
    ///
    /// - Parameter pixels: receives `transform.byteCount` bytes, the least that it must hold: rows of R, G, B.
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
        guard let output = pixels.baseAddress, pixels.count >= options.transform.byteCount else {
            preconditionFailure("the pixel buffer is smaller than the model's input")
        }
        while state != .finished {
            if cancellation.isCancelled { throw .cancelled(name) }
            if info.isLive, cancellation.clock.now() - lastPicture > pictureTimeout {
                throw .timedOut("decode a picture of", name, after: pictureTimeout)
            }
            switch try decoder.receive(into: incoming) {
            case .picture:
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
    private mutating func feed() throws(CaptureError) {
        switch try demuxer.read(into: packet) {
        case .packet:
            statistics.packets += 1
            packets?.add(packet)
            let skippable = isSkippable()
            if skippable { statistics.skippablePackets += 1 }
            if try !decoder.send(packet, skipsNonReference: skippable) { statistics.corruptPackets += 1 }
            packet.clear()
        case .broken(let error):
            statistics.endedEarly = error
            fallthrough
        case .end:
            state = .draining
            try decoder.drain()
        }
    }

    /// Whether the grid cannot choose the current packet's picture.
    ///
    /// This holds if the picture lies more than two pictures from any tick. The picture nearest to a tick and both its
    /// neighbours are therefore always decoded.
    private mutating func isSkippable() -> Bool {
        guard options.skipsNonReference, info.hasConstantFrameRate, options.interval > 4 * usualDuration else {
            return false
        }
        let (pts, dts) = (packet.pointer.pointee.pts, packet.pointer.pointee.dts)
        let isEven = cadence.isEven(at: dts != LIBAV_NO_PTS ? Double(dts) * timeBase : nil)
        guard isEven, pts != LIBAV_NO_PTS, heldTime != nil else { return false }
        let position = timeline.position(of: Double(pts) * timeBase)
        return grid.distanceToTick(from: position) > 2 * usualDuration
    }

    /// Takes the decoded picture as the held one. Paints the previously held picture if a tick is nearest to it.
    private mutating func accept(into output: UnsafeMutablePointer<UInt8>) throws(CaptureError) -> SampledFrame? {
        defer { incoming.clear() }
        let frame = incoming.pointer
        statistics.decodedFrames += 1
        if frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0 || frame.pointee.decode_error_flags != 0 {
            statistics.corruptFrames += 1
        }
        let shown = libav_frame_duration(frame)
        let duration = shown > 0 ? Double(shown) * timeBase : usualDuration
        let pts = frame.pointee.best_effort_timestamp
        let time = pts != LIBAV_NO_PTS ? Double(pts) * timeBase : heldTime.map { $0 + heldDuration } ?? 0

        let position: Double
        switch timeline.place(time, duration: duration, arrival: MonotonicTime.now.seconds) {
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
        held.take(from: incoming)
        heldTime = time
        heldDuration = duration
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
        try painter.paint(held, into: output)
        statistics.sampledFrames += 1
        return SampledFrame(time: heldTime, ticks: ticks)
    }
}
