import Capture
import CaptureProcess
import Foundation
import Frames
import TestSupport
import Testing

/// A capture process whose source has ended, and a daemon that reads what it sent only later.
@Suite struct LateReaderTests {
    /// Long enough for the process to reach the end of a film of two pictures, unless the machine is very slow. Then the test
    /// shows less, but does not fail.
    private static let head: Duration = .seconds(2)

    @Test func theLastPicturesAndTheEndAreRead() async throws {
        try await TemporaryDirectory.with { directory in
            let film = directory("film.mp4")
            try await ffmpeg(
                "-f lavfi -i testsrc2=size=64x48:rate=4 -t 0.5 -c:v libx264 -pix_fmt yuv420p",
                to: film,
                in: directory
            )
            let source = try Self.open(film)
            try await Task.sleep(for: Self.head)
            #expect(try Self.readAll(source) == 2)
        }
    }

    /// The reason must not be taken for a crash.
    @Test func theReasonOfAFailureIsRead() async throws {
        try await TemporaryDirectory.with { directory in
            try directory.write("no film", to: "film.mp4")
            let error = #expect(throws: CaptureError.self) { _ = try Self.open(directory("film.mp4")) }
            #expect(error?.code != .crashed, "\(String(describing: error))")
        }
    }

    private static let transform = InputTransform(resize: .shortestEdge(32), filter: .bicubic, width: 32, height: 32)

    private static func open(_ film: String) throws -> RemoteSource {
        var options = SourceOptions(url: film, transform: transform, interval: 0.25)
        options.pace = .asFast
        (options.openTimeout, options.stallTimeout) = (.seconds(600), .seconds(600))
        return try RemoteSource(
            options,
            program: CaptureProgram(path: try Program.path()),
            cancellation: Cancellation(),
            taps: RemoteTaps(),
            log: { _ in }
        )
    }

    private static func readAll(_ source: RemoteSource) throws -> Int {
        var pixels = [UInt8](repeating: 0, count: transform.byteCount)
        var pictures = 0
        while try pixels.withUnsafeMutableBufferPointer({ try source.next(into: $0) }) != nil { pictures += 1 }
        return pictures
    }
}
