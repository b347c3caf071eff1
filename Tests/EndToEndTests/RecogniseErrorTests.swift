import Foundation
import Testing

/// Videos and label files that `recognise` cannot use: one line that names the file and the remedy.
@Suite(.serialized) struct RecogniseErrorTests {
    @Test func noSuchVideo() async throws {
        try await expectFailure("check the path") { $0("none.mp4") }
    }

    @Test func notAVideo() async throws {
        try await expectFailure("the data is damaged or is not video") { directory in
            try directory.write(String(repeating: "not a video\n", count: 100), to: "notes.mp4")
        }
    }

    @Test func aDirectory() async throws {
        try await expectFailure("name a file in the directory") { $0.path }
    }

    @Test func soundOnly() async throws {
        try await expectFailure("use a source with a video stream") { directory in
            try await ffmpeg("-f lavfi -i sine=duration=1", to: directory("sound.m4a"), in: directory)
            return directory("sound.m4a")
        }
    }

    @Test func shorterThanTheWindow() async throws {
        try await expectFailure("shorter than the window of 5.0 s") { directory in
            let source = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=2"
            try await ffmpeg("\(source) -c:v libx264 -pix_fmt yuv420p", to: directory("short.mp4"), in: directory)
            return directory("short.mp4")
        }
    }

    @Test func cutOffInTheMiddle() async throws {
        try await expectFailure("cut.mp4") { directory in
            let source = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=2"
            try await ffmpeg("\(source) -c:v libx264 -pix_fmt yuv420p", to: directory("whole.mp4"), in: directory)
            // Its index stands at the end, which is gone.
            let whole = try Data(contentsOf: URL(filePath: directory("whole.mp4")))
            try whole.prefix(whole.count / 2).write(to: URL(filePath: directory("cut.mp4")))
            return directory("cut.mp4")
        }
    }

    /// Wrong input, not a wrong configuration.
    @Test func aBadLineInALabelFileIsNamedByItsPlace() async throws {
        try await TemporaryDirectory.with { directory in
            let file = try directory.write("a dog\n  a \u{1}cat\n", to: "labels")
            let arguments = ["recognise", DaemonProcess.picture, "--model", Tree.tinyModel, "--labels", file]
            let outcome = try await watchword(arguments, in: directory)
            #expect(outcome.ending == .exit(1))
            #expect(outcome.errorLines.count == 1, "\(outcome)")
            #expect(outcome.errors.contains("\(file):2:3: this label holds a control character; "), "\(outcome)")
        }
    }

    private func expectFailure(
        _ remedy: String,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ makeVideo: (TemporaryDirectory) async throws -> String
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let video = try await makeVideo(directory)
            let arguments = ["recognise", video, "--model", Tree.tinyModel, "--label", "a dog"]
            let outcome = try await watchword(arguments, in: directory)
            #expect(outcome.ending == .exit(1), sourceLocation: sourceLocation)
            #expect(outcome.errorLines.count == 1, "\(outcome)", sourceLocation: sourceLocation)
            #expect(outcome.errors.contains(video), "\(outcome)", sourceLocation: sourceLocation)
            #expect(outcome.errors.contains(remedy), "\(outcome)", sourceLocation: sourceLocation)
            #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
        }
    }
}
