import Foundation
import Frames
import HTTP
import MediaClock
import Synchronization
import TestSupport
import Testing

@testable import Capture
@testable import System

/// Cameras as they really are. The other side is a server of the test's own, or ffmpeg.
@Suite(.ownThread) struct OddCameraTests {
    /// No picture waits for the next one: the first is there while the camera has sent no second.
    @Test(arguments: ["fps=0.2", "fps=0.5&sprop=0", "fps=1"])
    func theFirstPictureComesWithTheFirstKeyFrame(query: String) throws {
        let cameras = try OddCameras()
        var options = SourceOptions(url: cameras.rtsp(query), transform: thumbnail, interval: 0.5)
        options.openTimeout = .seconds(300)
        options.stallTimeout = .seconds(300)
        let source = try VideoSource.open(options, cancellation: Cancellation())
        #expect(source.statistics.packets == 1)
        #expect((source.info.width, source.info.height) == (160, 120))
    }

    /// Each picture ends before the next begins, which is long after.
    @Test(arguments: [1.0, 2])
    func eachPictureOfASlowCameraComes(rate: Double) async throws {
        let cameras = try OddCameras()
        let recording = try await watch(cameras.rtsp("fps=\(rate)"), pictures: 7)
        #expect(recording.statistics.corruptPackets == 0)
        #expect(recording.statistics.packets <= 9)
        for (first, second) in zip(recording.taken.dropFirst(), recording.taken.dropFirst(2)) {
            #expect(abs(second - first - 1 / rate) < 0.5 / rate)
        }
    }

    @Test func aLateKeyFrameIsWaitedFor() throws {
        let cameras = try OddCameras()
        var waits: Set<String> = []
        var options = SourceOptions(url: cameras.rtsp("fps=25&first=3&sprop=0"), transform: thumbnail, interval: 0.5)
        options.openTimeout = .seconds(300)
        options.stallTimeout = .seconds(300)
        let source = try VideoSource.open(options, cancellation: Cancellation()) { waits.insert($0) }
        #expect(waits.contains("connected; waiting for a key frame"))
        #expect(source.statistics.packets > 60)
    }

    /// The grid advances as fast as the pictures arrive, whatever their stamps say.
    @Test(arguments: ["stamps=10.5", "stamps=0.1", "stamps=0.5", "stamps=seconds", "stamps=zero"])
    func theGridKeepsThePaceOfArrival(query: String) async throws {
        let cameras = try OddCameras()
        let recording = try await watch(cameras.rtsp("fps=10&\(query)"), pictures: 26)
        let last = try #require(recording.frames.last)
        let first = try #require(recording.frames.first)
        let passed = try #require(recording.taken.last) - recording.taken[0]
        let grid = Double(last.ticks.lowerBound - first.ticks.lowerBound) * 0.5
        // What was gained or lost until the clock was found out.
        #expect(grid > 0.7 * passed - 1, "\(grid) s of \(passed)")
        #expect(recording.clock.clock == .arrival)
        // From then on each tick has its picture.
        #expect(recording.frames.suffix(10).allSatisfy { $0.ticks.count == 1 })
    }

    @Test(arguments: ["mjpeg?fps=2", "mjpeg?fps=5&form=nolength"])
    func multipartPicturesGoByTheirArrival(path: String) async throws {
        let cameras = try OddCameras()
        let recording = try await watch(cameras.http(path), pictures: 8)
        #expect(recording.clock.clock == .arrival)
        let last = try #require(recording.frames.last)
        let passed = try #require(recording.taken.last) - recording.taken[0]
        #expect(abs(Double(last.ticks.lowerBound - recording.frames[0].ticks.lowerBound) * 0.5 - passed) <= 0.75)
    }

    @Test(arguments: ["standard", "quoted", "dashes", "nofirst", "nodashes", "nolength", "linefeeds"])
    func everyFormOfMultipartIsRead(form: String) async throws {
        let cameras = try OddCameras()
        let recording = try await watch(cameras.http("mjpeg?fps=10&form=\(form)"), pictures: 3)
        #expect(recording.info.codec == "mjpeg")
        #expect(recording.statistics.corruptFrames + recording.statistics.corruptPackets == 0)
    }

    @Test func bareH264HasAClock() async throws {
        let cameras = try OddCameras()
        let recording = try await watch("tcp://127.0.0.1:\(cameras.tcp)", pictures: 6)
        #expect(recording.clock.clock == .arrival)
        #expect(recording.info.codec == "h264")
    }

    /// Of a burst each sampled picture is handed out by itself, at the pace of the pictures or a little faster.
    @Test func burstsArePlayedOut() async throws {
        let cameras = try OddCameras()
        let recording = try await watch(cameras.rtsp("fps=10&burst=3"), pictures: 20)
        #expect(recording.clock.clock == .source)
        let ticks = recording.frames.map(\.ticks.lowerBound)
        #expect(ticks == Array(ticks[0]..<ticks[0] + 20))
        for (first, second) in zip(recording.handedOut, recording.handedOut.dropFirst()) {
            #expect(second - first >= 0.5 / BurstPacer.catchUpSpeed - 0.01)
        }
    }

    @Test func autoTakesUDPWhereThereIsNoTCP() async throws {
        let cameras = try OddCameras()
        #expect(try await watch(cameras.rtsp("fps=10&udp=1"), pictures: 2).info.codec == "h264")
        let refused = try failure(of: cameras.rtsp("fps=10&udp=1")) { $0.transport = .tcp }
        #expect(refused.message.contains("transport: auto"), "\(refused)")
    }

    @Test(arguments: ["basic", "md5", "sha256+md5"])
    func theLoginIsAnswered(method: String) async throws {
        let cameras = try OddCameras()
        let url = cameras.rtsp("fps=10&auth=\(method)").replacing("//", with: "//user:pass@")
        #expect(try await watch(url, pictures: 1).info.codec == "h264")
    }

    @Test(arguments: ["sha256": "Digest with SHA-256,", "md5+sha256": "Digest with MD5 and Digest with SHA-256,"])
    func whatLibavCannotAnswerIsSaid(method: String, asked: String) throws {
        let cameras = try OddCameras()
        let error = try failure(of: cameras.rtsp("auth=\(method)").replacing("//", with: "//user:pass@"))
        #expect(error.code == .unauthorized)
        #expect(error.message.contains("the camera asks for \(asked)"), "\(error)")
        #expect(!error.message.contains("pass@"))
    }
}

/// Sources that are no camera of their own: snapshots, commands, pipes, descriptions of a session; and the shape of pictures.
@Suite struct OtherSourceTests {
    /// Known by its answer, and asked for no more often than it says.
    @Test func aStillPictureIsAskedForAgainAndAgain() async throws {
        let cameras = try OddCameras()
        let began = MonotonicTime.now
        let recording = try await watch(cameras.http("snap.jpg"), pictures: 4) { $0.poll = .milliseconds(500) }
        let passed = (MonotonicTime.now - began) / .seconds(1)
        #expect(recording.info.container == "snapshots")
        #expect(recording.clock.clock == .arrival)
        // The first one is for a look at what it is.
        #expect(try count("requests", of: cameras) <= Int(passed / 0.5) + 2)
        #expect(try await watch(cameras.http("snap.jpg"), pictures: 1).info.container == "snapshots")
    }

    /// On one connection, and with the camera's own word for a picture that has not changed.
    @Test func aStillPictureIsNotSentTwice() async throws {
        let cameras = try OddCameras()
        _ = try await watch(cameras.http("snap.jpg?change=2"), pictures: 4) { $0.poll = .milliseconds(200) }
        #expect(try count("unchanged", of: cameras) > 0)
        // One for a look at what it is, and one for all that follow.
        #expect(try count("connections", of: cameras) <= 2)
    }

    private func count(_ name: String, of cameras: OddCameras) throws -> Int {
        let answer = String(decoding: try shell("curl -s \(cameras.http("count"))"), as: UTF8.self)
        let number = answer.split(separator: "\"\(name)\": ").last?.prefix { $0.isNumber }
        return try #require(number.flatMap { Int($0) })
    }

    @Test func headersAreSent() async throws {
        let cameras = try OddCameras()
        let url = cameras.http("snap.jpg?header=X-Api-Key")
        #expect(try failure(of: url).code == .unauthorized)
        let recording = try await watch(url, pictures: 1) {
            $0.headers = [HTTPHeader("X-Api-Key", "1")]
        }
        #expect(recording.info.codec == "mjpeg")
    }

    private static let encode = "-f lavfi -i testsrc2=size=160x120:rate=10 -t 3 -c:v libx264 -g 10 -pix_fmt yuv420p"

    @Test(arguments: ["-f mpegts -", "-f h264 -", "-f matroska -"])
    func aCommandsOutputIsASource(form: String) async throws {
        let command = "exec:ffmpeg -v error -re \(Self.encode) \(form)"
        let recording = try await watch(command, pictures: 3)
        #expect(recording.info.codec == "h264")
        #expect(recording.clock.clock == (form.contains("h264") ? .arrival : .source))
    }

    /// The command and what it has started are gone with the source.
    @Test func aCommandEndsWithItsGroup() async throws {
        let folder = try Folder()
        let script = "sleep 4321 & echo $! $$ >\(folder("pids")); exec ffmpeg -v error -re \(Self.encode) -f mpegts -"
        _ = try await watch("exec:sh -c '\(script)'", pictures: 1)
        let pids = String(decoding: try shell("cat \(folder("pids"))"), as: UTF8.self).split(
            whereSeparator: \.isWhitespace
        )
        #expect(pids.count == 2)
        for pid in pids.compactMap({ pid_t($0) }) {
            try await eventually("the end of \(pid)") { kill(pid, 0) == -1 || isZombie(pid) }
        }
    }

    /// An orphan's end is collected by whoever adopted it.
    private func isZombie(_ pid: pid_t) -> Bool {
        let status = try? shell("grep -s ^State /proc/\(pid)/status || true")
        return status.map { $0.isEmpty || String(decoding: $0, as: UTF8.self).contains("Z") } ?? true
    }

    @Test func aCommandThatCannotStartIsSaid() throws {
        let error = try failure(of: "exec:/no/such/program -x")
        #expect(error.code == .notFound)
        #expect(error.message.contains("check the command's path"))
    }

    /// A command such as `sh -c 'exec camera 2>/dev/null'` goes on without its standard error. A look waits 100 ms for the
    /// stream; with nothing to wait for there would be thousands.
    @Test func aCommandMayCloseItsStandardError() throws {
        let looks = Atomic(0)
        let cancellation = Cancellation {
            looks.add(1, ordering: .acquiringAndReleasing)
            return false
        }
        let began = MonotonicTime.now
        #expect(try failure(of: "exec:sh -c 'exec 2>&-; sleep 1'", cancellation).code != .cancelled)
        let passed = (MonotonicTime.now - began).seconds
        #expect(looks.load(ordering: .acquiring) < Int(passed / 0.1) + 100)
    }

    /// No decoder for AVS2 is part of libavcodec. The other end of the pipe sees that nobody reads any more.
    @Test func aSourceThatCannotBeDecodedIsClosed() throws {
        let folder = try Folder()
        let clip = folder("clip.mkv")
        try ffmpeg("\(Self.encode) -t 1 -write_crc32 0 \(clip)")
        try shell("sed -i 's|V_MPEG4/ISO/AVC|V_AVS2\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00|' \(clip)")
        let bytes = try shell("head -c 16384 \(clip)")
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let (reading, writing) = (ends[0], ends[1])
        defer { close(writing) }
        #expect(write(writing, bytes, bytes.count) == bytes.count)
        let error = try failure(of: "pipe:/camera") {
            ($0.openTimeout, $0.stallTimeout) = (.seconds(3600), .seconds(3600))
            $0.pipe = SourceOptions.PipeEnds(output: reading, complaints: nil)
        }
        #expect(error.code == .unsupported, "\(error)")
        // Another test's command holds a copy for as long as it takes to begin.
        try blockUntil("the end of the reading") {
            var entry = pollfd(fd: writing, events: Int16(POLLOUT), revents: 0)
            return poll(&entry, 1, 0) == 1 && entry.revents & Int16(POLLERR) != 0
        }
    }

    @Test func aNamedPipeIsASource() async throws {
        let folder = try Folder()
        try shell(
            "mkfifo \(folder("fifo")); (ffmpeg -v error -y -re \(Self.encode) -f mpegts \(folder("fifo")) >/dev/null 2>&1 &)"
        )
        #expect(try await watch("pipe:\(folder("fifo"))", pictures: 2).info.codec == "h264")
        #expect(try failure(of: "pipe:/dev/null").code == .unreadable)
    }

    /// A local description of a session, whose sender is ffmpeg.
    @Test func aSessionDescriptionIsASource() async throws {
        let folder = try Folder()
        let port = 20_000 + Int(getpid() % 10_000) * 2
        let sender = "ffmpeg -v error -re -stream_loop -1 \(Self.encode.replacing("-t 3", with: "-t 60")) -f rtp"
        try shell(
            "(\(sender) -sdp_file \(folder("cam.sdp")) rtp://127.0.0.1:\(port) >/dev/null 2>&1 & echo $! >\(folder("pid")))"
        )
        defer { _ = try? shell("kill $(cat \(folder("pid")))") }
        try shell("until test -s \(folder("cam.sdp")); do sleep 0.1; done")
        #expect(try await watch(folder("cam.sdp"), pictures: 2).info.codec == "h264")
    }

    /// As ffmpeg shows it: scaled to square pixels.
    @Test func pixelsThatAreNotSquareAreStretched() throws {
        let folder = try Folder()
        let clip = folder("squeezed.mp4")
        try ffmpeg(
            "-f lavfi -i testsrc2=size=96x108:rate=5 -t 1 -vf setsar=16/9 -c:v libx264 -qp 0 -pix_fmt yuv420p \(clip)"
        )
        let transform = InputTransform(resize: .shortestEdge(54), filter: .bicubic, width: 85, height: 54)
        let ours = try record(clip, transform, every: 0.2)
        #expect(abs(ours.info.aspect - 16.0 / 9) < 0.01 || ours.info.aspect == 1)
        let theirs = try shell(
            "ffmpeg -v quiet -nostdin -i \(clip) -vf scale=85:54:flags=bicubic -pix_fmt rgb24 -f rawvideo -"
        )
        let count = min(theirs.count, ours.allPixels.count)
        #expect(count >= 85 * 54 * 3 * 4)
        let difference = zip(theirs, ours.allPixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        #expect(Double(difference) / Double(count) < 4)
    }

    /// Two fields of a moving bar: in a whole picture its edge would be a comb.
    @Test func oneFieldOfAnInterlacedPictureIsTaken() throws {
        let folder = try Folder()
        let clip = folder("fields.mp4")
        let bar =
            "color=black:size=160x120:rate=50[a];color=white:size=30x120:rate=50[b];[a][b]overlay=x='mod(n*12,120)'"
        try ffmpeg(
            "-f lavfi -i \"\(bar)\" -t 2 -vf tinterlace=interleave_top,fieldorder=tff -c:v libx264 -qp 0 "
                + "-flags +ildct+ilme -x264opts tff=1 -pix_fmt yuv420p \(clip)"
        )
        let ours = try record(clip, uncut(160, 60), every: 0.04) { $0.transform = uncut(160, 60) }
        #expect(ours.frames.count > 20)
        for picture in ours.pixels.dropFirst() {
            let rows = stride(from: 0, to: picture.count, by: 160 * 3).map { Array(picture[$0..<$0 + 160 * 3]) }
            let middle = rows[20..<40]
            let differences = zip(middle, middle.dropFirst()).map { pair in
                zip(pair.0, pair.1).count { abs(Int($0) - Int($1)) > 64 }
            }
            #expect(differences.allSatisfy { $0 == 0 })
        }
    }

    /// The certificate is the camera's own.
    @Test func aCertificateIsVerifiedUnlessToldNotTo() throws {
        let folder = try Folder()
        try shell(
            "openssl req -x509 -newkey rsa:2048 -nodes -keyout \(folder("key")) -out \(folder("cert")) -days 2 -subj /CN=localhost "
                + "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null"
        )
        try ffmpeg("-f lavfi -i testsrc2=size=64x48:rate=5 -t 2 -c:v libx264 -pix_fmt yuv420p \(folder("clip.mp4"))")
        let port = 30_000 + Int(getpid() % 20_000)
        let server = """
            import http.server, os, ssl
            os.chdir("\(folder.path)")
            server = http.server.ThreadingHTTPServer(("127.0.0.1", \(port)), http.server.SimpleHTTPRequestHandler)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain("cert", "key")
            server.socket = context.wrap_socket(server.socket, server_side=True)
            server.serve_forever()
            """
        try shell("cat >\(folder("server.py")) <<'EOF'\n\(server)\nEOF")
        try shell("(python3 \(folder("server.py")) >/dev/null 2>&1 & echo $! >\(folder("pid")))")
        defer { _ = try? shell("kill $(cat \(folder("pid")))") }
        try shell("until curl -ks https://127.0.0.1:\(port)/ >/dev/null; do sleep 0.1; done")
        for url in ["https://127.0.0.1:\(port)/clip.mp4", "rtsps://127.0.0.1:\(port)/x"] {
            let error = try failure(of: url)
            #expect(error.code == .untrusted, "\(error)")
            #expect(error.message.contains("tls: {ca: FILE}"))
        }
        for adjust: (inout SourceOptions) -> Void in [
            { $0.tls.authorities = folder("cert") }, { $0.tls.isVerified = false },
        ] {
            #expect(
                try record("https://127.0.0.1:\(port)/clip.mp4", thumbnail, every: 0.5, Cancellation(), adjust).frames
                    .count >= 4
            )
        }
    }
}
