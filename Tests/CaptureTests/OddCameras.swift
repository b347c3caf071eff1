import Foundation
import Frames
import Glibc
import MediaClock
import System
import Testing

@testable import Capture

/// Tests/Reference/odd_cameras.py: cameras with the oddities of public bug reports.
final class OddCameras {
    let rtsp: Int
    let http: Int
    let tcp: Int
    private let process: pid_t
    private let output: UnsafeMutablePointer<FILE>
    private let folder: Folder

    init() throws {
        folder = try Folder()
        // Key frames 2 s apart; the picture moves, and every tenth has a key frame's size.
        try ffmpeg(
            "-f lavfi -i testsrc2=size=160x120:rate=10 -t 4 -c:v libx264 -pix_fmt yuv420p -bf 0 -g 20 "
                + "-bsf:v h264_mp4toannexb \(folder("clip.h264"))"
        )
        try shell("mkdir \(folder("jpeg"))")
        try ffmpeg("-f lavfi -i testsrc2=size=160x120:rate=10 -t 4 \(folder("jpeg/%03d.jpg"))")
        // The second one's index is at its end, so that it is read from there first.
        for name in ["clip.ts", "clip.mp4"] {
            try ffmpeg("-r 10 -i \(folder("clip.h264")) -c copy \(folder("jpeg/\(name)"))")
        }
        let script = "\(#filePath)".replacing("CaptureTests/OddCameras.swift", with: "Reference/odd_cameras.py")
        let arguments = "--video \(folder("clip.h264")) --pictures \(folder("jpeg"))"
        output = try #require(popen("echo $$; exec /usr/bin/python3 \(script) \(arguments)", "r"))
        var buffer = [CChar](repeating: 0, count: 200)
        func next(_ output: UnsafeMutablePointer<FILE>) throws -> String {
            try #require(fgets(&buffer, Int32(buffer.count), output) != nil, "the cameras ended")
            return String(decoding: buffer.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
        process = try #require(pid_t(try next(output)))
        let line = try next(output)
        let ports = line.split(separator: " ").compactMap { Int($0) }
        try #require(ports.count == 3, "\(line)")
        (rtsp, http, tcp) = (ports[0], ports[1], ports[2])
    }

    func rtsp(_ query: String) -> String { "rtsp://127.0.0.1:\(rtsp)/cam?\(query)" }
    func http(_ path: String) -> String { "http://127.0.0.1:\(http)/\(path)" }

    /// The requests over HTTP so far: the path of each, and those headers of a secret that it had.
    func requests() throws -> [[String]] {
        try JSONDecoder().decode([[String]].self, from: Data(shell("curl -s \(http("seen"))")))
    }

    deinit {
        kill(process, SIGKILL)
        pclose(output)
    }
}

/// What a live source delivered.
struct LiveRecording: Sendable {
    var info: SourceInfo
    var frames: [SampledFrame] = []
    /// When each was handed out and when it was taken, in seconds.
    var handedOut: [Double] = []
    var taken: [Double] = []
    var statistics = SourceStatistics()
    var clock: (clock: SourceClock, reason: String?)
}

/// Does what blocks on a thread of its own: the tests' pool has no more threads than the machine has cores.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}

/// Reads a live source until it has delivered so many sampled pictures.
func watch(
    _ url: String,
    pictures: Int,
    every interval: Double = 0.5,
    _ adjust: (inout SourceOptions) -> Void = { _ in }
) async throws -> LiveRecording {
    var options = SourceOptions(url: url, transform: thumbnail, interval: interval)
    // However slow the machine is, the camera is only as slow as the test makes it.
    options.openTimeout = .seconds(300)
    options.stallTimeout = .seconds(300)
    adjust(&options)
    let chosen = options
    return try await onThread { try watch(chosen, pictures: pictures) }
}

private func watch(_ options: SourceOptions, pictures: Int) throws -> LiveRecording {
    var source = try VideoSource.open(options, cancellation: Cancellation())
    try #require(source.info.isLive)
    var recording = LiveRecording(info: source.info, clock: source.clockInUse)
    var bytes = [UInt8](repeating: 0, count: thumbnail.byteCount)
    while recording.frames.count < pictures,
        let frame = try bytes.withUnsafeMutableBufferPointer({ try source.next(into: $0) })
    {
        recording.frames.append(frame)
        recording.handedOut.append(MonotonicTime.now.seconds)
        recording.taken.append(source.takenAt.seconds)
    }
    recording.statistics = source.statistics
    recording.clock = source.clockInUse
    return recording
}
