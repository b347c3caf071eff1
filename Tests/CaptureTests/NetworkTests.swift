import Frames
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Capture
@testable import System

/// A TCP socket on a free port, which listens.
final class Listener: Sendable {
    let descriptor: Int32
    let port: UInt16

    /// - Parameter listens: false for one that refuses every connection, and keeps the port from others.
    init(listens: Bool = true) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(isBound && (!listens || listen(descriptor, 8) == 0))
        port = UInt16(bigEndian: address.sin_port)
    }

    /// Accepts connections one after another, on its own thread, until `stop`. `serve` closes each of them.
    ///
    /// The thread keeps the listener open: once closed, its descriptor number could be reused by another test.
    func serve(_ serve: @escaping @Sendable (Int32) -> Void) {
        // A client that disconnects during the answer must not end the test.
        signal(SIGPIPE, SIG_IGN)
        spawn { [self] in
            while case let connection = accept(descriptor, nil, nil), connection >= 0 { serve(connection) }
        }
    }

    func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    deinit { close(descriptor) }
}

@Suite(.ownThread) struct NetworkTests {
    @Test func nothingListens() throws {
        let closed = try Listener(listens: false)
        let port = closed.port
        let error = try withExtendedLifetime(closed) {
            try failure(of: "rtsp://user:canary@127.0.0.1:\(port)/cam")
        }
        #expect(error.code == .refused)
        #expect(!error.description.contains("canary"))
        #expect(error.description.contains("127.0.0.1:\(port)/cam"))
    }

    @Test func unknownHost() throws {
        #expect(try failure(of: "rtsp://camera.invalid/x").code == .unreachable)
    }

    @Test(arguments: ["rtsp", "http", "tcp", "rtmp"])
    func silenceEndsAtTheOpenTimeout(scheme: String) throws {
        let listener = try Listener()
        let clock = ManualClock()
        let opening = Background {
            try failure(of: "\(scheme)://127.0.0.1:\(listener.port)/x", clock.cancellation()) {
                $0.openTimeout = .milliseconds(700)
                // libav's own time-out for RTSP goes by this one and by the true clock.
                $0.stallTimeout = .seconds(3600)
            }
        }
        try clock.wait(forLooks: 3, orEndOf: opening)
        #expect(!opening.isOver)
        clock.advance(by: .milliseconds(690))
        try clock.wait(forLooks: 3, orEndOf: opening)
        #expect(!opening.isOver)
        clock.advance(by: .milliseconds(20))
        #expect(try opening.value.code == .timedOut)
        withExtendedLifetime(listener) {}
    }

    /// libsrt, whose own patience is three seconds and which looks ten times in each.
    @Test func silenceOfSRTEndsAtTheOpenTimeoutToo() throws {
        // Nobody has the port of this number for datagrams.
        let listener = try Listener()
        let clock = ManualClock()
        let opening = Background {
            try failure(of: "srt://127.0.0.1:\(listener.port)", clock.cancellation()) { $0.openTimeout = .seconds(60) }
        }
        try clock.wait(forLooks: 45, orEndOf: opening)
        #expect(!opening.isOver)
        clock.advance(by: .seconds(61))
        #expect(try opening.value.code == .timedOut)
        withExtendedLifetime(listener) {}
    }

    @Test func wrongPassword() throws {
        let listener = try Listener()
        listener.serve { connection in
            var request = [UInt8](repeating: 0, count: 4096)
            var sequence = 0
            while read(connection, &request, request.count) > 0 {
                sequence += 1
                let answer =
                    "RTSP/1.0 401 Unauthorized\r\nCSeq: \(sequence)\r\nWWW-Authenticate: Basic realm=\"cam\"\r\n\r\n"
                _ = write(connection, answer, answer.utf8.count)
            }
            close(connection)
        }
        defer { listener.stop() }
        let error = try failure(of: "rtsp://user:canary@127.0.0.1:\(listener.port)/x")
        #expect(error.code == .unauthorized)
        #expect(!error.description.contains("canary"))
    }

    @Test func stallEndsAtTheStallTimeout() throws {
        let folder = try Folder()
        try ffmpeg("-f lavfi -i testsrc2=size=64x48:rate=25 -t 8 -c:v libx264 -g 25 -pix_fmt yuv420p \(folder("a.ts"))")
        let clip = try shell("cat \(folder("a.ts"))")
        let listener = try Listener()
        // The connection stays open and silent.
        listener.serve { connection in _ = write(connection, clip, clip.count) }
        defer { listener.stop() }
        try expectStallTimeout(of: "tcp://127.0.0.1:\(listener.port)", afterPictures: 11) {}
    }

    /// A camera of GStreamer's that hangs: the end of the wait is no picture that the parser still held, after which the wait
    /// would begin anew.
    @Test func aHangingRTSPServerHasOneStallTimeout() throws {
        let server = try GStreamerCamera()
        try expectStallTimeout(of: "rtsp://127.0.0.1:\(server.port)/cam", afterPictures: 4) { server.freeze() }
    }

    /// Reads the source, lets it stall once so many pictures have come, and expects its end when the stall timeout has passed,
    /// not sooner and not later.
    private func expectStallTimeout(of url: String, afterPictures count: Int, stall: () -> Void) throws {
        let clock = ManualClock()
        let pictures = Atomic(0)
        let reading = Background { () -> CaptureError.Code? in
            var options = SourceOptions(url: url, transform: thumbnail, interval: 0.5)
            options.openTimeout = .seconds(3600)
            options.stallTimeout = .milliseconds(600)
            var source = try VideoSource.open(options, cancellation: clock.cancellation())
            try #require(source.info.isLive)
            var bytes = [UInt8](repeating: 0, count: thumbnail.byteCount)
            do {
                while try bytes.withUnsafeMutableBufferPointer({ try source.next(into: $0) }) != nil {
                    pictures.add(1, ordering: .acquiringAndReleasing)
                }
            } catch let error as CaptureError {
                return error.code
            }
            return nil
        }
        try blockUntil("pictures") { pictures.load(ordering: .acquiring) >= count || reading.isOver }
        stall()
        // What had been sent is read: it looks again and again, and no picture comes.
        var last = -1
        while case let now = pictures.load(ordering: .acquiring), now != last {
            last = now
            try clock.wait(forLooks: 200, orEndOf: reading)
        }
        clock.advance(by: .milliseconds(590))
        try clock.wait(forLooks: 3, orEndOf: reading)
        #expect(!reading.isOver)
        clock.advance(by: .milliseconds(20))
        #expect(try reading.value == .timedOut)
    }

    /// Once an hour, of a camera that may be silent for ten minutes: the hour is no silence of the camera's. The clock stands
    /// until the first picture has been decoded, and again from the second request on.
    @Test func aStillPictureMayBeAskedForSeldom() throws {
        let folder = try Folder()
        try ffmpeg("-f lavfi -i testsrc2=size=64x48:rate=1 -frames:v 1 \(folder("a.jpg"))")
        let picture = try shell("cat \(folder("a.jpg"))")
        let listener = try Listener()
        listener.serve { connection in
            var request = [UInt8](repeating: 0, count: 4096)
            while read(connection, &request, request.count) > 0 {
                let head = "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: \(picture.count)\r\n\r\n"
                _ = write(connection, head, head.utf8.count)
                _ = write(connection, picture, picture.count)
            }
            close(connection)
        }
        defer { listener.stop() }
        let hour = Duration.seconds(3600)
        let clock = ManualClock()
        let mayPass = Atomic(false)
        let waiting = WaitClock(now: { clock.now }) { step in
            if mayPass.load(ordering: .acquiring), clock.now < hour { clock.advance(by: step) } else { usleep(1000) }
        }
        let url = "http://127.0.0.1:\(listener.port)/snap.jpg"
        var options = SourceOptions(url: url, transform: thumbnail, interval: 0.5)
        (options.openTimeout, options.stallTimeout, options.poll) = (.seconds(600), .seconds(600), hour)
        var source = try VideoSource.open(options, cancellation: Cancellation(clock: waiting, when: nil))
        mayPass.store(true, ordering: .releasing)
        var bytes = [UInt8](repeating: 0, count: thumbnail.byteCount)
        // The first one is handed out when the second has come.
        let frame = try bytes.withUnsafeMutableBufferPointer { try source.next(into: $0) }
        #expect(frame?.ticks.lowerBound == 0)
        #expect(clock.now >= hour)
    }

    /// The clock stands still, so that nothing else can end the wait.
    @Test(arguments: ["rtsp", "http"])
    func cancellationEndsTheWait(scheme: String) throws {
        let listener = try Listener()
        let clock = ManualClock()
        let cancellation = clock.cancellation()
        let opening = Background {
            try failure(of: "\(scheme)://127.0.0.1:\(listener.port)/x", cancellation) {
                $0.stallTimeout = .seconds(3600)
            }
        }
        try clock.wait(forLooks: 3, orEndOf: opening)
        #expect(!opening.isOver)
        cancellation.cancel()
        #expect(try opening.value.code == .cancelled)
        // Gone with its last use, its port would be another test's.
        withExtendedLifetime(listener) {}
    }

    /// On a machine on which an hour goes by between two looks at the clock.
    @Test func whatIsAtHandMayTakeItsTime() throws {
        let folder = try Folder()
        try ffmpeg("-f lavfi -i testsrc2=size=64x48:rate=5:duration=2 \(folder("clip.mp4"))")
        for url in ["lavfi:testsrc2=size=64x48:rate=5:duration=2", folder("clip.mp4")] {
            let clock = ManualClock()
            let leaping = WaitClock {
                clock.advance(by: .seconds(3600))
                return clock.now
            } sleep: { _ in
            }
            let recording = try record(url, thumbnail, every: 0.5, Cancellation(clock: leaping, when: nil)) {
                ($0.openTimeout, $0.stallTimeout) = (.seconds(10), .seconds(10))
            }
            #expect(recording.frames.count == 4, "\(url)")
            #expect(clock.now > .seconds(3600), "\(url) looked at no clock")
        }
    }

    /// The second picture is due later than any test waits.
    @Test func cancellationEndsTheSleepBetweenPictures() throws {
        let looks = Atomic(0)
        let cancellation = Cancellation {
            looks.add(1, ordering: .acquiringAndReleasing)
            return false
        }
        let reading = Background {
            try failure(of: "lavfi:testsrc2=size=64x48:rate=0.0001", cancellation) {
                $0.pace = .realTime
                $0.interval = 1
            }
        }
        // It looks a few times until it sleeps, and then at each turn.
        try blockUntil("the sleep") { looks.load(ordering: .acquiring) >= 20 || reading.isOver }
        #expect(!reading.isOver)
        cancellation.cancel()
        #expect(try reading.value.code == .cancelled)
    }
}

/// GStreamer's RTSP server, Tests/Reference/rtsp_server.py, which may hang.
private final class GStreamerCamera: Sendable {
    let port: UInt16
    private let process: pid_t
    private let output: UnsafeSendable

    private struct UnsafeSendable: @unchecked Sendable { let pipe: UnsafeMutablePointer<FILE> }

    init() throws {
        let script = "\(#filePath)".replacing("CaptureTests/NetworkTests.swift", with: "Reference/rtsp_server.py")
        let pipe = try #require(popen("echo $$; exec /usr/bin/python3 \(script) --size 64x48", "r"))
        output = UnsafeSendable(pipe: pipe)
        var line = [CChar](repeating: 0, count: 100)
        func next() throws -> String {
            try #require(fgets(&line, Int32(line.count), pipe) != nil, "no RTSP server")
            return String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
        process = try #require(pid_t(try next()))
        let ready = try next()
        port = try #require(UInt16(ready.dropFirst("READY ".count)))
    }

    /// Its connections stay open.
    func freeze() { kill(process, SIGSTOP) }

    deinit {
        kill(process, SIGKILL)
        pclose(output.pipe)
    }
}
