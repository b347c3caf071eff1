/// Brings the records of all of a host's cameras into the stream, many cameras side by side.
struct Forwarding {
    /// The most records in a batch. The engine holds no more than 1000, and keeps each until the last one is there.
    private static let largestBatch = 64
    /// The records, and the bytes of them, that wait in memory; the others wait in the journal.
    private static let (mostRecords, mostBytes) = (4096, 3 << 19)
    /// How long a camera waits after a doubt, so that a server that is away is not asked without pause.
    private static let pause = Duration.milliseconds(200)

    private let host: String
    private let feed: String
    private var cameras: [String: CameraForwarding] = [:]
    /// The cameras that may have a next step.
    private var awake: Set<String> = []
    /// The cameras that wait after a doubt, and until when.
    private var resting: [String: Duration] = [:]
    /// The cameras that may have settled something.
    private var touched: Set<String> = []
    /// Whether the engine takes batches.
    var takesBatches = false
    /// The records that are not settled.
    private(set) var recordCount = 0
    /// Whether no more records are to be added now.
    var isFull: Bool {
        recordCount >= Self.mostRecords || cameras.values.reduce(0) { $0 + $1.byteCount } >= Self.mostBytes
    }

    init(host: String, feed: String) {
        self.host = host
        self.feed = feed
    }

    /// The first record that is not settled; nil for none.
    var firstNumber: UInt64? { cameras.values.compactMap(\.firstNumber).min() }

    /// Whether nothing of the camera waits or is under way.
    func isIdle(_ camera: String) -> Bool { cameras[camera]?.isIdle ?? true }

    /// The host has the camera from now on.
    ///
    /// - Parameters:
    ///   - isPrepared: whether its window is full already.
    ///   - time: when its first message may fence the host before it, which may still have records to send.
    mutating func own(_ camera: String, epoch: UInt64, isPrepared: Bool, fencingAt time: Duration) {
        change(camera) { $0.own(epoch: epoch, isPrepared: isPrepared) }
        resting[camera] = time
    }

    mutating func add(_ record: OutboxRecord) {
        recordCount += 1
        change(record.camera) { $0.add(record) }
    }

    /// The steps that can be taken now.
    mutating func next(at now: Duration) -> [(camera: String, step: CameraForwarding.Step)] {
        for (camera, time) in resting where time <= now {
            resting[camera] = nil
            awake.insert(camera)
        }
        let able = awake
        awake = []
        return able.compactMap { camera in
            guard resting[camera] == nil else { return nil }
            touched.insert(camera)
            return cameras[camera]?.next(most: takesBatches ? Self.largestBatch : 1).map { (camera, $0) }
        }
    }

    mutating func found(_ camera: String, _ position: CameraPosition?, at now: Duration) {
        change(camera) { $0.found(position) }
        if position == nil { rest(camera, from: now) }
    }

    mutating func fetched(_ camera: String, _ answer: StoredMessage??, at now: Duration) {
        change(camera) { $0.fetched(answer) }
        if answer == nil { rest(camera, from: now) }
    }

    mutating func published(_ camera: String, _ outcome: PublishOutcome, at now: Duration) {
        change(camera) { $0.published(outcome) }
        switch outcome {
        case .stored, .wrongSequence: break
        case .duplicate, .refused, .tooLarge, .unknown: rest(camera, from: now)
        }
    }

    mutating func interrupt() {
        for camera in cameras.keys { change(camera) { $0.interrupt() } }
        resting = [:]
    }

    /// What was settled since the last call.
    mutating func takeSettled() -> [(camera: String, settled: CameraForwarding.Settled)] {
        var all: [(camera: String, settled: CameraForwarding.Settled)] = []
        for camera in touched {
            for settled in cameras[camera]?.takeSettled() ?? [] { all.append((camera, settled)) }
        }
        touched = []
        for case (_, .record) in all { recordCount -= 1 }
        for case (_, .known) in all { recordCount -= 1 }
        for case (_, .refused) in all { recordCount -= 1 }
        return all
    }

    private mutating func change(_ camera: String, _ body: (inout CameraForwarding) -> Void) {
        body(&cameras[camera, default: CameraForwarding(camera: camera, host: host, feed: feed)])
        awake.insert(camera)
        touched.insert(camera)
    }

    private mutating func rest(_ camera: String, from now: Duration) { resting[camera] = now + Self.pause }
}
