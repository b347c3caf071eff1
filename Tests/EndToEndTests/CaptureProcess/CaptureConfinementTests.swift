import Foundation
import System
import TestSupport
import Testing
import Text

/// What a process that reads a source may do: nothing else.
@Suite(.serialized) struct CaptureConfinementTests {
    /// Tried from within the decoder, as code that a camera has smuggled in would try it.
    @Test func everythingElseIsRefused() async throws {
        try await TemporaryDirectory.with { directory in
            let faults = try await CaptureFaults(in: directory)
            let other = try SilentServer()
            try directory.write("secret", to: "journal.sqlite")
            try faults.wish(
                "everything",
                journal: directory("journal.sqlite"),
                events: directory.socket,
                port: other.port
            )
            try await faults.run { daemon, _ in
                try await eventually("all was tried", context: { daemon.errors }) {
                    daemon.errors.contains("fault: all tried")
                }
                let lines = daemon.errors.split(separator: "\n").filter { $0.contains("fault: ") }
                // What a process complains of may be read before it is known how it is confined.
                var confinement = ""
                try await eventually("the confinement") {
                    confinement = try await faults.status(of: "hostile")["confined_by"]?.string ?? ""
                    return !confinement.isEmpty
                }
                let known = ["files", "ports", "system calls"].filter(confinement.prefix { $0 != ";" }.contains)
                // What the kernel of this machine lacks, the status says.
                #expect(known.count == 3 || confinement.contains("without"))
                // The film may have been played more than once.
                let results = Set(lines.compactMap { $0.components(separatedBy: "fault: ").last })
                let succeeded = results.compactMap { $0.hasSuffix(" SUCCEEDED") ? String($0.dropLast(10)) : nil }
                #expect(Set(succeeded).isSubset(of: Self.possible(beside: known)), "\(results)")
                let refused = results.count { $0.hasSuffix(" refused") }
                #expect(refused + Set(succeeded).count == 10, "\(results)")
            }
        }
    }

    /// What may succeed where the kernel lacks a part of the confinement.
    private static func possible(beside known: [String]) -> Set<String> {
        var possible: Set<String> = []
        if !known.contains("files") {
            possible = ["reading /etc/passwd", "reading the journal", "making a file", "reading another process"]
        }
        if !known.contains("ports") { possible.insert("connecting to another camera") }
        return possible
    }

    /// The password of one stream is nowhere in the process that reads another.
    @Test func aProcessKnowsThePasswordOfItsOwnStreamOnly() async throws {
        try await TemporaryDirectory.with { directory in
            let faults = try await CaptureFaults(in: directory)
            let camera = try SilentServer()
            let canary = "canary-\(UUID().uuidString)"
            // At the end of a film its process ends, too.
            let repeated = "-stream_loop 200 -i \(directory("sound.mp4")) -c copy"
            try await ffmpeg(repeated, to: directory("long.mp4"), in: directory)
            let streams =
                DaemonProcess.stream("film", directory("long.mp4"), "capture: process")
                + DaemonProcess.stream(
                    "camera",
                    "rtsp://user:${CANARY}@127.0.0.1:\(camera.port)/",
                    "capture: process",
                    "open_timeout: 600s"
                )
            try await DaemonProcess.with(streams, environment: ["CANARY": canary], in: directory) { daemon in
                try await eventually("the film's process") { () async throws -> Bool in
                    try await faults.status(of: "film")["capture_pid"]?.integer != nil
                }
                let process = try #require(try await faults.status(of: "film")["capture_pid"]?.integer)
                // Before it runs its program it is a copy of the daemon.
                try await eventually("its program") {
                    geteuid() != 0 || Self.maps(of: pid_t(process)).contains("libavcodec")
                }
                // The search finds what is there.
                try await eventually("the camera's process knows its password") {
                    try CaptureFaults.processes(of: daemon).contains { other in
                        try other != pid_t(process) && (geteuid() != 0 || memory(of: other, holds: canary) == true)
                    }
                }
                for name in ["environ", "cmdline"] {
                    // Closed to all but root, too.
                    let bytes = (try? RegularFile.contents(of: "/proc/\(process)/\(name)", limit: 1 << 24)) ?? []
                    #expect(!String(decoding: bytes, as: UTF8.self).contains(canary))
                }
                let inFilm = try memory(of: pid_t(process), holds: canary)
                if geteuid() == 0 {
                    // Libraries that it does not need would delay its start, and hold what can be misused.
                    let maps = Self.maps(of: pid_t(process))
                    for name in ["libavdevice", "libopenblas", "libnats"] { #expect(!maps.contains(name)) }
                    #expect(inFilm == false)
                } else {
                    #expect(inFilm == nil, "a process of the same user can read it")
                }
            }
        }
    }

    /// Whether a text lies anywhere in a process's memory; nil if it cannot be read.
    private func memory(of process: pid_t, holds text: String) throws -> Bool? {
        let maps = Self.maps(of: process)
        guard !maps.isEmpty else { return nil }
        let file = open("/proc/\(process)/mem", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let wanted = Data(text.utf8)
        for line in maps.split(separator: "\n") {
            let fields = line.split(separator: " ")
            let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard fields.count > 1, fields[1].hasPrefix("r"), ends.count == 2, ends[1] - ends[0] < 1 << 30 else {
                continue
            }
            var bytes = Data(count: Int(ends[1] - ends[0]))
            let start = Int(bitPattern: ends[0])
            let got = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, start) }
            if got > 0, bytes.prefix(got).range(of: wanted) != nil { return true }
        }
        return false
    }

    /// What a process has in its memory. Foundation takes the kernel's first short read for the end of the file.
    private static func maps(of process: pid_t) -> String {
        let bytes = (try? RegularFile.contents(of: "/proc/\(process)/maps", limit: 1 << 24)) ?? []
        return String(decoding: bytes, as: UTF8.self)
    }
}
