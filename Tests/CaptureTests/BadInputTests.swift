import Capture
import Frames
import Glibc
import TestSupport
import Testing

@Suite(.serialized, .ownThread) struct BadInputTests {
    @Test func missingFile() throws {
        let error = try failure(of: "/nowhere/absent.mp4")
        #expect(error.code == .notFound)
        #expect(error.description.contains("/nowhere/absent.mp4"))
        #expect(!error.description.contains("\n"))
    }

    @Test func missingDevice() throws {
        #expect(try failure(of: "v4l2:/dev/video97").code == .notFound)
    }

    /// The failure of one moment is not the next one's.
    @Test func devicesAreTriedAgain() async throws {
        await #expect(processExitsWith: .success) {
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            var limit = rlimit()
            getrlimit(resource, &limit)
            let before = limit.rlim_cur
            limit.rlim_cur = 3
            setrlimit(resource, &limit)
            let error = try failure(of: "lavfi:testsrc2=size=64x48:rate=5")
            #expect(error.message.contains("open shared object file: Too many open files"), "\(error.message)")
            #expect(!error.message.contains("install"))
            limit.rlim_cur = before
            setrlimit(resource, &limit)
            let options = SourceOptions(patient: "lavfi:testsrc2=size=64x48:rate=5", every: 1)
            _ = try VideoSource.open(options, cancellation: Cancellation())
        }
    }

    @Test func folder() throws {
        #expect(try failure(of: "/tmp").code == .unreadable)
    }

    @Test func textIsNotAVideo() throws {
        let folder = try Folder()
        try shell("for i in $(seq 500); do echo no video at all; done > \(folder("letter.mp4"))")
        #expect(try failure(of: folder("letter.mp4")).code == .unreadable)
    }

    @Test func emptyFile() throws {
        let folder = try Folder()
        try shell(": > \(folder("empty.mp4"))")
        #expect([.unreadable, .ended].contains(try failure(of: folder("empty.mp4")).code))
    }

    @Test func soundWithoutVideo() throws {
        let folder = try Folder()
        try ffmpeg("-f lavfi -i sine=duration=1 \(folder("sound.wav"))")
        #expect(try failure(of: folder("sound.wav")).code == .noVideo)
    }

    @Test func unknownProtocol() throws {
        #expect(try failure(of: "nosuch://127.0.0.1/x").code == .unsupported)
    }

    @Test func badFilterGraph() throws {
        let error = try failure(of: "lavfi:nosuchfilter=1")
        #expect([.unsupported, .failed].contains(error.code))
    }

    @Test func controlCharactersStayOutOfTheMessage() throws {
        let error = try failure(of: "/nowhere/two\nlines")
        #expect(!error.description.contains("\n"))
    }

    @Test func truncatedFileDeliversItsPictures() throws {
        let folder = try Folder()
        try ffmpeg("-f lavfi -i testsrc2=size=64x48:rate=25 -t 4 -c:v libx264 -pix_fmt yuv420p \(folder("whole.mkv"))")
        let size = try shell("cat \(folder("whole.mkv"))").count
        try shell("head -c \(size / 2) \(folder("whole.mkv")) > \(folder("half.mkv"))")
        let ours = try record(folder("half.mkv"), thumbnail, every: 0.2)
        #expect(ours.frames.count > 3)
    }

    @Test func truncatedIndexIsAnError() throws {
        let folder = try Folder()
        try ffmpeg("-f lavfi -i testsrc2=size=64x48:rate=25 -t 2 -c:v libx264 -pix_fmt yuv420p \(folder("whole.mp4"))")
        try shell("head -c 4000 \(folder("whole.mp4")) > \(folder("half.mp4"))")
        #expect([.unreadable, .ended].contains(try failure(of: folder("half.mp4")).code))
    }

    @Test(arguments: 1...6)
    func damagedPacketsAreSkipped(seed: Int) throws {
        let folder = try Folder()
        let (whole, damaged) = (folder("whole.mkv"), folder("damaged.mkv"))
        try ffmpeg("-f lavfi -i testsrc2=size=128x96:rate=25 -t 4 -c:v libx264 -pix_fmt yuv420p -g 25 \(whole)")
        try ffmpeg("-i \(whole) -c copy -bsf:v noise=amount=\(seed * 100) \(damaged)")
        let ours = try record(damaged, uncut(128, 96), every: 0.04) { $0.decodeThreads = 1 }
        #expect(ours.statistics.decodedFrames > 5)
        #expect(!ours.frames.isEmpty)
    }

    @Test func extremeAspectRatioIsHandled() throws {
        let folder = try Folder()
        try ffmpeg("-f lavfi -i testsrc2=size=2000x2:rate=5 -t 1 -c:v ffv1 -pix_fmt gbrp \(folder("thin.mkv"))")
        #expect(try record(folder("thin.mkv"), thumbnail, every: 0.2).frames.count == 5)
    }
}
