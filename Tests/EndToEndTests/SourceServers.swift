import Foundation
import TestSupport
import Testing

/// A server of every kind of source that the manual names.
final class SourceServers {
    private let directory: TemporaryDirectory
    /// What stands in the manual, and what serves it here.
    private var places: [(documented: String, here: String)] = []
    private var processes: [ChildProcess] = []
    /// Where a program listens that serves one client at a time.
    private var listeners: [UInt16] = []

    /// Has no counterpart here: `make test-system` has a real one.
    private static let device = "/dev/video0"

    private init(in directory: TemporaryDirectory) { self.directory = directory }

    /// Runs `body` beside all of them.
    static func with(in directory: TemporaryDirectory, _ body: (SourceServers) async throws -> Void) async throws {
        let servers = SourceServers(in: directory)
        defer { for process in servers.processes { process.kill() } }
        try await servers.makeFiles()
        try servers.serveFiles()
        try await servers.serveStreams()
        try await RTSPServer.with(options: ONVIFDevice.login, in: directory) { guarded in
            try await RTSPServer.with(in: directory) { open in
                try await guarded.start()
                try await open.start()
                let camera = "rtsp://127.0.0.1:\(guarded.port)/cam"
                let profile = ONVIFDevice.Profile(token: "a", name: "a", width: 320, height: 240, url: camera)
                try await ONVIFDevice.with(profiles: [profile], in: directory) { device in
                    servers.places += [
                        (
                            "rtsp://user:${CAMERA_PASSWORD}@192.168.1.20/stream2",
                            "rtsp://viewer:${CAMERA_PASSWORD}@127.0.0.1:\(guarded.port)/cam"
                        ),
                        (
                            "onvif://user:${CAMERA_PASSWORD}@192.168.1.20",
                            "onvif://viewer:${CAMERA_PASSWORD}@127.0.0.1:\(device.port)"
                        ),
                        ("rtsp://192.168.1.26/cam", "rtsp://127.0.0.1:\(open.port)/cam"),
                    ]
                    try await servers.encrypt(guarded.port)
                    try await body(servers)
                }
            }
        }
    }

    /// The lines of a row with this test's places in them; nil if it names a device.
    func pasted(_ lines: [String]) -> [String]? {
        guard !lines.contains(where: { $0.contains(Self.device) }) else { return nil }
        let place = places.first { place in lines.contains { $0.contains(place.documented) } }
        // A new row of the table needs a server here.
        if place == nil, !lines.contains(where: { $0.contains("lavfi:") }) { Issue.record("no server for \(lines)") }
        return lines.map { line in place.map { line.replacing($0.documented, with: $0.here) } ?? line }
            + (lines.contains { $0.contains("rtsps:") } ? ["tls: {ca: \(directory("camera.pem"))}"] : [])
    }

    private func makeFiles() async throws {
        let video =
            "-f lavfi -i testsrc2=size=320x240:rate=10 -t 20 -c:v libx264 -preset ultrafast -g 10 -pix_fmt yuv420p"
        try await ffmpeg(video, to: directory("film.ts"), in: directory)
        try await ffmpeg("-i \(directory("film.ts")) -c copy", to: directory("yard.mp4"), in: directory)
        try await ffmpeg(
            "-i \(directory("film.ts")) -c copy -hls_time 2 -hls_list_size 0",
            to: directory("index.m3u8"),
            in: directory
        )
        try await ffmpeg("-i \(directory("film.ts")) -frames:v 1", to: directory("snap.jpg"), in: directory)
        try #require(mkfifo(directory("camera.fifo"), 0o600) == 0)
        places += [("/srv/clips/yard.mp4", directory("yard.mp4"))]
    }

    private func serveFiles() throws {
        let port = try TCPPort.free()
        try start(
            "/usr/bin/python3",
            ["-m", "http.server", "--bind", "127.0.0.1", "--directory", directory.path, "\(port)"]
        )
        places += [
            ("https://example.net/live/index.m3u8", "http://127.0.0.1:\(port)/index.m3u8"),
            ("http://192.168.1.22/snap.jpg", "http://127.0.0.1:\(port)/snap.jpg"),
        ]
    }

    /// One ffmpeg for each protocol.
    private func serveStreams() async throws {
        let port = try (0..<6).map { _ in try TCPPort.free() }
        let encoded = "-c copy -f mpegts"
        try send(
            "-c:v mjpeg -f mpjpeg -content_type multipart/x-mixed-replace;boundary=ffmpeg -listen 1",
            "http://127.0.0.1:\(port[0])/video.mjpg"
        )
        try send("-c copy -f flv -listen 1", "rtmp://127.0.0.1:\(port[1])/live/yard")
        try send(encoded, "srt://127.0.0.1:\(port[2])?mode=listener")
        try send(encoded, "udp://127.0.0.1:\(port[3])")
        try send(encoded, "tcp://127.0.0.1:\(port[4])?listen=1")
        try send("-c copy -sdp_file \(directory("yard.sdp")) -f rtp", "rtp://127.0.0.1:\(port[5])")
        try send(encoded, directory("camera.fifo"))
        places += [
            ("http://192.168.1.21/video.mjpg", "http://127.0.0.1:\(port[0])/video.mjpg"),
            ("rtmp://192.168.1.23/live/yard", "rtmp://127.0.0.1:\(port[1])/live/yard"),
            ("srt://192.168.1.24:9000", "srt://127.0.0.1:\(port[2])"),
            ("udp://239.1.1.1:5004", "udp://127.0.0.1:\(port[3])"),
            ("tcp://192.168.1.25:5000", "tcp://127.0.0.1:\(port[4])"),
            ("/etc/watchword/yard.sdp", directory("yard.sdp")),
            ("/run/camera.fifo", directory("camera.fifo")),
        ]
        listeners = [port[0], port[1], port[4]]
        try await eventually("the session's file") {
            FileManager.default.fileExists(atPath: self.directory("yard.sdp"))
        }
    }

    /// Waits until each that serves one client at a time takes the next.
    func listen() async throws { for port in listeners { try await listening(at: port) } }

    /// The camera behind TLS, with a certificate that nobody has signed.
    private func encrypt(_ plain: UInt16) async throws {
        let (key, certificate) = (directory("camera.key"), directory("camera.pem"))
        let subject = ["-subj", "/CN=camera", "-addext", "subjectAltName=IP:127.0.0.1"]
        try await tool(
            "/usr/bin/openssl",
            ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2"]
                + subject,
            in: directory
        )
        let port = try TCPPort.free()
        try start("/usr/bin/python3", [Tree.tlsRelay, "\(port)", "\(plain)", certificate, key])
        try await listening(at: port)
        places.append(
            (
                "rtsps://user:${CAMERA_PASSWORD}@192.168.1.20/stream2",
                "rtsps://viewer:${CAMERA_PASSWORD}@127.0.0.1:\(port)/cam"
            )
        )
    }

    private func listening(at port: UInt16) async throws {
        try await eventually("a server at \(port)") {
            if let ended = processes.first(where: \.hasEnded) {
                throw WaitedInVain(description: "a server has ended: \(ended.errors)")
            }
            return TCPPort.isListenedOn(port)
        }
    }

    /// Sends the film in real time, again and again. An ffmpeg that listens ends with its client, and one of SRT also where it
    /// hears nothing for five seconds; then it is started anew.
    private func send(_ how: String, _ target: String) throws {
        let source = ["-v", "error", "-y", "-re", "-stream_loop", "-1", "-i", directory("film.ts")]
        let sender = ["/usr/bin/ffmpeg"] + source + how.split(separator: " ").map(String.init) + [target]
        try start("/bin/sh", ["-c", #"while sleep 0.1; do setpriv --pdeathsig KILL "$@"; done"#, "sh"] + sender)
    }

    private func start(_ program: String, _ arguments: [String]) throws {
        processes.append(try ChildProcess(program, arguments, in: directory, name: "server\(processes.count)"))
    }
}
