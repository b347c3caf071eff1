import Capture
import Frames
import Glibc
import Testing

/// A temporary folder for one test's files. It is deleted with the object.
final class Folder {
    let path: String

    init() throws {
        var template = Array("/tmp/capture-tests-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) } }
        path = String(cString: try #require(made))
    }

    deinit { _ = try? shell("rm -rf \(path)") }

    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}

struct ShellFailure: Error {
    var command: String
    var status: Int32
}

/// Runs a command and returns its output. Throws if the command fails.
@discardableResult
func shell(_ command: String) throws -> [UInt8] {
    let pipe = try #require(popen(command, "r"))
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, pipe), count > 0 { output += chunk[..<count] }
    let status = pclose(pipe)
    guard status == 0 else { throw ShellFailure(command: command, status: status) }
    return output
}

func ffmpeg(_ arguments: String) throws { try shell("ffmpeg -v error -nostdin -y \(arguments)") }

/// Every picture of a file, one after the other, as ffmpeg converts it.
func ffmpegPixels(_ path: String) throws -> [UInt8] {
    let conversion = "-vsync passthrough -sws_flags bicubic -pix_fmt rgb24"
    return try shell("ffmpeg -v quiet -nostdin -i \(path) -map v:0 \(conversion) -f rawvideo -")
}

/// The presentation times of a file's pictures, in order, according to ffprobe.
func ffprobeTimes(_ path: String) throws -> [Double] {
    let text = try shell(
        "ffprobe -v quiet -select_streams v:0 -show_entries frame=best_effort_timestamp_time -of csv=p=0 \(path)"
    )
    return String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap {
        Double($0.prefix { $0 != "," })
    }
}

/// What a source delivered from its first picture to its end.
struct Recording {
    var info: SourceInfo
    var frames: [SampledFrame] = []
    var pixels: [[UInt8]] = []
    var statistics = SourceStatistics()

    var times: [Double] { frames.map(\.time) }
    var allPixels: [UInt8] { Array(pixels.joined()) }
}

extension SourceOptions {
    /// Of a source that is well, on a machine that may be as slow as it is.
    init(patient url: String, _ transform: InputTransform = thumbnail, every interval: Double) {
        self.init(url: url, transform: transform, interval: interval)
        (openTimeout, stallTimeout) = (.seconds(600), .seconds(600))
    }
}

func record(
    _ url: String,
    _ transform: InputTransform,
    every interval: Double,
    _ cancellation: Cancellation = Cancellation(),
    _ adjust: (inout SourceOptions) -> Void = { _ in }
) throws -> Recording {
    var options = SourceOptions(patient: url, transform, every: interval)
    options.pace = .asFast
    adjust(&options)
    var source = try VideoSource.open(options, cancellation: cancellation)
    var recording = Recording(info: source.info)
    var bytes = [UInt8](repeating: 0, count: options.inputBytes)
    while let frame = try bytes.withUnsafeMutableBufferPointer({ try source.next(into: $0) }) {
        recording.frames.append(frame)
        recording.pixels.append(bytes)
    }
    recording.statistics = source.statistics
    return recording
}

/// A transform that keeps the picture's size and crops it.
func uncut(_ width: Int, _ height: Int) -> InputTransform {
    InputTransform(resize: .none, filter: .bilinear, width: width, height: height)
}

/// A small version of the model's usual input.
let thumbnail = InputTransform(resize: .shortestEdge(32), filter: .bicubic, width: 32, height: 32)

/// The error that opening and reading a source ends with.
func failure(
    of url: String,
    _ cancellation: Cancellation = Cancellation(),
    _ adjust: (inout SourceOptions) -> Void = { _ in }
) throws -> CaptureError {
    try #require(throws: CaptureError.self) { try record(url, thumbnail, every: 0.5, cancellation, adjust) }
}
