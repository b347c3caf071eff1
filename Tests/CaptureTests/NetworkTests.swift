import Frames
import Glibc
import Synchronization
import Testing

@testable import Capture
@testable import System

/// A TCP socket that listens on a port of its own.
final class Listener: Sendable {
    let descriptor: Int32
    let port: UInt16

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
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
        try #require(isBound && listen(descriptor, 8) == 0)
        port = UInt16(bigEndian: address.sin_port)
    }

    /// Takes one connection after another on a thread of its own and hands each to `serve`, which closes it. Until `stop`:
    /// the thread keeps the listener, since a number that was closed under it would be another test's.
    func serve(_ serve: @escaping @Sendable (Int32) -> Void) {
        // A client that hangs up while it is answered ends no test.
        signal(SIGPIPE, SIG_IGN)
        spawn { [self] in
            while case let connection = accept(descriptor, nil, nil), connection >= 0 { serve(connection) }
        }
    }

    func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    deinit { close(descriptor) }
}

/// Runs the body on a thread of its own.
func spawn(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(
        &thread,
        nil,
        { box in
            if let box { Unmanaged<Box>.fromOpaque(box).takeRetainedValue().body() }
            return nil
        },
        Unmanaged.passRetained(Box(body)).toOpaque()
    )
    pthread_detach(thread)
}

@Suite struct NetworkTests {
    /// Seconds that the body takes.
    func seconds(_ body: () throws -> Void) rethrows -> Double {
        let start = MonotonicTime.now.seconds
        try body()
        return MonotonicTime.now.seconds - start
    }

    @Test func nothingListens() throws {
        let port = try Listener().port
        let error = try failure(of: "rtsp://user:canary@127.0.0.1:\(port)/cam")
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
        let elapsed = try seconds {
            let error = try failure(of: "\(scheme)://127.0.0.1:\(listener.port)/x") {
                $0.openTimeout = .milliseconds(700)
            }
            #expect(error.code == .timedOut)
        }
        withExtendedLifetime(listener) {}
        #expect(elapsed > 0.6 && elapsed < 3)
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
        var options = SourceOptions(url: "tcp://127.0.0.1:\(listener.port)", transform: thumbnail, interval: 0.5)
        options.stallTimeout = .milliseconds(600)
        var source = try VideoSource(opening: options, cancellation: Cancellation())
        #expect(source.info.isLive)
        var bytes = [UInt8](repeating: 0, count: thumbnail.byteCount)
        var frames = 0
        var error: CaptureError?
        let elapsed = seconds {
            while error == nil {
                bytes.withUnsafeMutableBufferPointer { pixels in
                    do throws(CaptureError) {
                        if try source.next(into: pixels) != nil { frames += 1 }
                    } catch let caught {
                        error = caught
                    }
                }
            }
        }
        #expect(error?.code == .timedOut)
        #expect(frames > 10)
        #expect(elapsed > 0.5 && elapsed < 4)
    }

    @Test(arguments: ["rtsp", "http"])
    func cancellationEndsTheWait(scheme: String) throws {
        let listener = try Listener()
        let cancellation = Cancellation()
        spawn {
            usleep(200_000)
            cancellation.cancel()
        }
        let options = SourceOptions(url: "\(scheme)://127.0.0.1:\(listener.port)/x", transform: thumbnail, interval: 1)
        let elapsed = seconds {
            let error = #expect(throws: CaptureError.self) {
                _ = try VideoSource(opening: options, cancellation: cancellation).info
            }
            #expect(error?.code == .cancelled)
        }
        // Gone with its last use, its port would be another test's.
        withExtendedLifetime(listener) {}
        #expect(elapsed < 2)
    }

    @Test func cancellationEndsTheSleepBetweenPictures() throws {
        let cancellation = Cancellation()
        let options = SourceOptions(url: "lavfi:testsrc2=size=64x48:rate=0.1", transform: thumbnail, interval: 1)
        var source = try VideoSource(opening: options, cancellation: cancellation)
        spawn {
            usleep(200_000)
            cancellation.cancel()
        }
        var bytes = [UInt8](repeating: 0, count: thumbnail.byteCount)
        let elapsed = seconds {
            bytes.withUnsafeMutableBufferPointer { pixels in
                do throws(CaptureError) {
                    while try source.next(into: pixels) != nil {}
                } catch {
                    #expect(error.code == .cancelled)
                }
            }
        }
        #expect(elapsed < 2)
    }
}
