import Foundation
import Testing
import Text

/// A source whose opening is a system call that never returns: a FIFO without a writer. libav asks nobody whether to give
/// up meanwhile.
@Suite(.serialized) struct HangingSourceTests {
    @Test(arguments: [("thread", "a system call hangs"), ("process", "its capture process gave no sign of life")])
    func theHangingCallIsLeftBehindAndTheSourceComesBack(capture: String, words: String) async throws {
        try await TemporaryDirectory.with { directory in
            let fifo = directory("camera")
            try #require(mkfifo(fifo, 0o600) == 0)
            let clip = directory("clip.mkv")
            let source = "-f lavfi -i testsrc2=size=160x120:rate=25 -t 4"
            try await ffmpeg("\(source) -c:v libx264 -g 25", to: clip, in: directory)
            let options = ["open_timeout: 5s", "stall_timeout: 5s", "capture: \(capture)"]
            let stuck = DaemonProcess.stream("stuck", fifo, options[0], options[1], options[2])
            let streams = stuck + DaemonProcess.stream("live", DaemonProcess.picture)
            try await DaemonProcess.with(streams, in: directory) { daemon in
                let client = try SocketClient(path: directory.socket)
                try client.send(#"{"subscribe":{"since":0}}"#)
                try await client.next("the others") { $0.isEvent("started", of: "live") }
                try await client.any("the hanging call") { $0.isStream("stuck", "offline", because: words) }

                // Both attempts, the one left behind and its successor, wait for a writer: the first must stay silent. It may
                // take some of what comes first, so it comes again and again.
                let copy = ["-c", #"while :; do cat "$0" >"$1"; done"#, clip, fifo]
                try await ChildProcess.with("/bin/sh", copy, in: directory, name: "writer") { _ in
                    try await client.next("online") { $0.isStream("stuck", "online") }
                    try await client.any("an event") { $0.isEvent("started", of: "stuck") }
                    daemon.send(SIGTERM)
                    #expect(try await daemon.finish() == .exit(0))
                }
            }
        }
    }
}
