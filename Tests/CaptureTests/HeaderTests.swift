import Frames
import HTTP
import MediaClock
import TestSupport
import Testing

@testable import Capture

/// The headers of a source are a secret between its own server and this machine: no other server gets them.
@Suite(.serialized, .ownThread) struct HeaderTests {
    private static let secrets = ["X-Api-Key", "Authorization", "Cookie"]

    @Test(arguments: ["mjpeg?fps=10", "snap.jpg", "parts/clip.ts", "parts/clip.mp4", "live.m3u8"])
    func aServerThatIsRedirectedToGetsNone(path: String) throws {
        let (own, other) = (try OddCameras(), try OddCameras())
        try expectPictures(of: own.http("redirect?to=\(other.http(path))"))
        #expect(try own.requests().allSatisfy { $0 == ["/redirect"] + Self.secrets })
        let strangers = try other.requests()
        #expect(!strangers.isEmpty && strangers.allSatisfy { $0.count == 1 }, "\(strangers)")
    }

    @Test(arguments: ["mjpeg?fps=10", "snap.jpg", "parts/clip.mp4"])
    func theOwnServerGetsThemAgain(path: String) throws {
        let (own, other) = (try OddCameras(), try OddCameras())
        let back = other.http("redirect?to=\(own.http(path))")
        try expectPictures(of: own.http("redirect?to=\(back)"))
        #expect(try own.requests().allSatisfy { $0.dropFirst().elementsEqual(Self.secrets) })
        #expect(try other.requests().allSatisfy { $0 == ["/redirect"] })
    }

    /// Of the two segments, the first is the server's own.
    @Test func aPlaylistsOtherServersGetNone() throws {
        let (own, other) = (try OddCameras(), try OddCameras())
        try expectPictures(of: own.http("live.m3u8?at=\(other.http(""))"), toTheEnd: true)
        let (mine, strangers) = (try own.requests(), try other.requests())
        #expect(Set(mine.map(\.[0])) == ["/live.m3u8", "/parts/clip.ts"], "\(mine)")
        #expect(mine.allSatisfy { $0.dropFirst().elementsEqual(Self.secrets) }, "\(mine)")
        #expect(!strangers.isEmpty && strangers.allSatisfy { $0 == ["/parts/clip.ts"] }, "\(strangers)")
    }

    /// Reads the source with headers of a secret. A file is read as fast as it comes.
    private func expectPictures(of url: String, toTheEnd: Bool = false) throws {
        var options = SourceOptions(patient: url, every: 0.5)
        options.pace = .asFast
        options.headers = Self.secrets.map { HTTPHeader($0, "c4nary") }
        var source = try VideoSource.open(options, cancellation: Cancellation())
        var bytes = [UInt8](repeating: 0, count: thumbnail.byteCount)
        var pictures = 0
        while pictures < 2 || toTheEnd, try bytes.withUnsafeMutableBufferPointer({ try source.next(into: $0) }) != nil {
            pictures += 1
        }
        #expect(pictures >= 2)
    }
}
