import Foundation
import Testing

/// What a finished run of the program left.
struct Outcome: CustomStringConvertible {
    var ending: ChildProcess.Ending
    var output: String
    var errors: String

    var outputLines: [String] { output.split(separator: "\n").map(String.init) }
    var errorLines: [String] { errors.split(separator: "\n").map(String.init) }
    var description: String { "\(ending)\nstdout: \(output)\nstderr: \(errors)" }
}

/// The program under test.
enum Program {
    /// Beside the test bundle, where the same build puts it.
    static func path(of name: String = "watchword") throws -> String {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let arguments = CommandLine.arguments.first ?? ""
        let candidates = [tests, arguments].map { ($0 as NSString).deletingLastPathComponent + "/\(name)" }
        let found = candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
        return try #require(found, "no \(name) at \(candidates): build it with `swift build --build-tests`")
    }

    /// The variables that would change what the program does.
    static func environment(_ more: [String: String?]) -> [String: String?] {
        var environment: [String: String?] = [:]
        for name in ProcessInfo.processInfo.environment.keys where name.hasPrefix("WATCHWORD_") {
            environment.updateValue(nil, forKey: name)
        }
        for name in [
            "CREDENTIALS_DIRECTORY", "STATE_DIRECTORY", "CACHE_DIRECTORY", "JOURNAL_STREAM", "NOTIFY_SOCKET",
            "WATCHDOG_USEC",
        ] {
            environment.updateValue(nil, forKey: name)
        }
        // For `TEST_CAPTURE=thread make test`: all but the tests about processes pass in both modes.
        if let mode = ProcessInfo.processInfo.environment["TEST_CAPTURE"] {
            environment["WATCHWORD_DEFAULTS_CAPTURE"] = mode
        }
        return environment.merging(more) { $1 }
    }
}

/// Runs `watchword` with these arguments to its end.
func watchword(
    _ arguments: [String],
    environment: [String: String?] = [:],
    in directory: TemporaryDirectory
) async throws -> Outcome {
    try await ChildProcess.with(
        try Program.path(),
        arguments,
        environment: Program.environment(environment),
        in: directory,
        name: "watchword-\(arguments.first ?? "")"
    ) { child in
        let ending = try await child.finish()
        return Outcome(ending: ending, output: child.output, errors: child.errors)
    }
}

/// Runs another program to its end, which must be a success.
func tool(_ program: String, _ arguments: [String], in directory: TemporaryDirectory) async throws {
    try await ChildProcess.with(program, arguments, in: directory, name: "tool") { child in
        let ending = try await child.finish()
        try #require(ending == .exit(0), "\(program) \(arguments.joined(separator: " ")): \(child.errors)")
    }
}

func ffmpeg(_ arguments: String, to path: String, in directory: TemporaryDirectory) async throws {
    let words = "-v error -nostdin -y \(arguments)".split(separator: " ").map(String.init)
    try await tool("/usr/bin/ffmpeg", words + [path], in: directory)
}

/// Files of the source tree.
enum Tree {
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path()

    /// A checkpoint of random weights: four frames of 32×32.
    static let tinyModel = tests + "XCLIPTests/Golden/tiny"
    /// The embedded model, where a program that was built here finds it.
    static let model = tests + "../Training/model"
    /// Drawn streams with their truth.
    static let streams = tests + "Streams"
    /// A small data set, and what PyTorch says of it by the paper's protocol.
    static let dataSet = tests + "DataSet"
    static let documentation = tests + "../Sources/Documentation/"
    static let tlsRelay = tests + "Reference/tls_relay.py"
    /// As `make setup-test` installs it.
    static let natsServer = tests + "../.build/test-peers/bin/nats-server"
    /// What a hostile camera might make a decoder do.
    static let captureFaults = tests + "Reference/capture_faults.c"
    /// Keeps libfaketime from the timers.
    static let trueTimers = tests + "Reference/true_timers.c"
    /// The smallest X-CLIP, as the authors' training script saves one.
    static let authorsModel = tests + "CheckpointsTests/Golden/micro/authors.pth"
    /// The systemd units, with a slash.
    static let units = URL(filePath: tests).deletingLastPathComponent().path() + "systemd/"
    static let apiValidator = tests + "Reference/validate_api.py"
    static let browserTest = tests + "Browser/page.py"
    static let tabsTest = tests + "Browser/tabs.py"
    static let frameTest = tests + "Browser/frame.py"
    static let apiDescription = tests + "../Sources/WebFeed/Page/openapi.json"
    static let rtspServer = tests + "Reference/rtsp_server.py"
    static let modelHub = tests + "Reference/model_hub.py"
    static let webhookReceiver = tests + "Reference/webhook_receiver.py"
    static let onvifDevice = tests + "Reference/onvif_device.py"
    /// With the packages of Tests/Reference/peers.txt: `make setup-test`.
    static let peerPython = tests + "../.build/test-peers/bin/python"
}
