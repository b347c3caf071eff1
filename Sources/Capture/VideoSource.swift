internal import CLibAV
package import Frames
import System

/// A video being read: opened, decoded, sampled on the grid, made into the model's input.
///
/// It blocks, and belongs to one thread at a time. `Cancellation` ends a wait from another thread. A broken source
/// stays broken: to try again, open it anew.
package struct VideoSource: ~Copyable {
    package let info: SourceInfo
    package private(set) var statistics = SourceStatistics()

    private let options: SourceOptions
    private let cancellation: Cancellation
    private let name: String
    /// Seconds in a unit of the stream's time stamps.
    private let timeBase: Double
    /// Seconds that a picture is shown where it does not say so itself.
    private let usualDuration: Double

    private let packets: PacketRing?
    private var painter: InputPainter
    private let decoder: Decoder
    private let demuxer: Demuxer
    private let packet: Packet
    private let incoming: Picture

    /// The picture in hand: whether the grid chooses it is known when the next one comes.
    private let held: Picture
    private var heldTime: Double?
    private var heldDuration = 0.0

    /// When a picture was last decoded; at first when the source was opened.
    private var lastPicture: Duration
    /// A live source may send packets for ever of which none is a picture. A key frame may be long in coming.
    private let pictureTimeout: Duration

    private var grid: SampleGrid
    private var timeline: PTSTimeline
    private var cadence: Cadence
    private var pacer: Pacer?
    private var state = State.reading

    private enum State {
        case reading, draining, finished
    }

    /// Opens the source and waits for its streams' parameters, for `openTimeout` at most.
    ///
    /// `taps`: who else gets what is read.
    ///
    /// Throws a `CaptureError` that names the source, without credentials, the reason and the remedy.
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

        // From here on nothing branches: the compiler (6.3, optimising) loses track of a noncopyable `self` that is
        // partly set where the flow of control joins.
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

    /// Packets and pictures of a V4L2 device are the driver's memory: all of it goes back before the device is closed, in
    /// whichever order the parts are destroyed.
    deinit {
        held.clear()
        incoming.clear()
        packet.clear()
        decoder.forget()
    }

    /// Decodes up to the next picture that the grid chooses and writes it into `pixels`, which must hold
    /// `transform.byteCount` bytes: rows of R, G, B. nil at the end of the stream.
    ///
    /// Packets that do not decode are counted and passed over. Throws `.timedOut` when no packet of video came for
    /// `stallTimeout`, or packets came and none became a picture for longer than that, `.cancelled`, `.unreadable` for a file in which nothing decodes, or why a live source broke.
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
                // While draining the decoder is asked again; it gives up one picture, or fault, at a time.
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

    /// Reads the next packet into the decoder, or tells it that there is none.
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

    /// Whether the grid cannot choose the picture of the packet in hand: it lies more than two pictures from any tick,
    /// so that the nearest picture to the tick and both its neighbours are decoded.
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

    /// A picture was decoded: it becomes the one in hand, and the one before it is painted if a tick is nearest to it.
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

    /// The last picture has been shown.
    private mutating func finish(into output: UnsafeMutablePointer<UInt8>) throws(CaptureError) -> SampledFrame? {
        guard heldTime != nil else {
            if let error = statistics.endedEarly { throw error }
            throw CaptureError(.unreadable, "cannot decode \(name): not one picture in it can be decoded")
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
