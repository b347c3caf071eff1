import Foundation
import TestSupport
import Testing

/// `model pull` where nothing can be pulled: one line that says why, nothing half done under a model's name, no secret.
@Suite(.serialized) struct ModelPullErrorTests {
    @Test(arguments: [
        ("gated", "its conditions must be accepted first, at"), ("private", "put one into HF_TOKEN"),
        ("missing", "the model does not exist at"), ("bert", "its config.json has model_type \"bert\""),
        ("circle", "redirects in a circle"), ("wrong", "does not have the checksum"),
        ("longer", "sent more than it announced"), ("plain", "names no commit"),
        ("escaping", "is not the name of a shard beside it"), ("slashes", "no usable ETag"),
        ("tiny@nowhere", "org/tiny has no revision nowhere"),
    ])
    func whatCannotBePulled(name: String, reason: String) async throws {
        try await ModelHubServer.with { hub in
            let outcome = try await hub.pull("org/\(name)")
            #expect(outcome.ending == .exit(1) && outcome.errorLines.count == 1, "\(outcome)")
            #expect(outcome.errors.contains(reason), "\(outcome)")
            #expect(!outcome.errors.contains("let-me-in"), "the address of the contents is told")
            let inspect = ["model", "inspect", "org/\(name)"]
            #expect(try await watchword(inspect, environment: hub.environment(), in: hub.directory).ending == .exit(1))
            #expect(!FileManager.default.fileExists(atPath: hub.directory("escaped")))
        }
    }

    @Test func whatIsWrongIsThrownAway() async throws {
        try await ModelHubServer.with { hub in
            _ = try await hub.pull("org/wrong")
            #expect(!hub.blobs(of: "wrong").isEmpty && hub.blobs(of: "wrong").allSatisfy { $0.utf8.count == 40 })
        }
    }

    @Test func theTokenGoesToTheHubAloneAndIsNeverTold() async throws {
        try await ModelHubServer.with { hub in
            let canary = ModelHubServer.token
            let good = try await hub.pull("org/private", ["HF_TOKEN": canary])
            #expect(good.ending == .exit(0), "\(good)")
            let requests = try hub.requests()
            #expect(requests.filter { $0.server == "hub" }.allSatisfy { $0.authorization == "Bearer \(canary)" })
            let contents = requests.filter { $0.server == "contents" }
            #expect(!contents.isEmpty && contents.allSatisfy { $0.authorization == nil }, "\(contents)")

            // From the file that `huggingface-cli login` writes; and one that the hub does not know.
            try Data("\(canary)\n".utf8).write(to: URL(filePath: hub.directory("home/token")))
            let stored = try await hub.pull("org/private")
            #expect(stored.ending == .exit(0), "\(stored)")
            let wrong = try await hub.pull("org/private", ["HF_TOKEN": canary + "x"])
            #expect(wrong.ending == .exit(1) && wrong.errors.contains("does not let the token of HF_TOKEN"), "\(wrong)")
            let broken = try await hub.pull("org/private", ["HF_TOKEN": canary + "\nHost: elsewhere"])
            #expect(broken.ending == .exit(1) && broken.errors.contains("HF_TOKEN does not hold a token"), "\(broken)")
            let gated = try await hub.pull("org/gated", ["HF_TOKEN": canary])
            for outcome in [good, stored, wrong, broken, gated] {
                #expect(!outcome.output.contains(canary) && !outcome.errors.contains(canary), "\(outcome)")
            }
            let files = FileManager.default.enumerator(atPath: hub.cache)?.allObjects as? [String] ?? []
            for file in files {
                let contents = FileManager.default.contents(atPath: "\(hub.cache)/\(file)") ?? Data()
                #expect(contents.range(of: Data(canary.utf8)) == nil, "\(file)")
            }
        }
    }

    @Test func aFullDiskKeepsWhatCame() async throws {
        try await ModelHubServer.with { hub in
            // A limit on the size of files stands for a disk that fills up: 64 KiB, and the weights have more.
            let program = try Program.path()
            let script = "trap '' XFSZ; ulimit -f 64; exec \"$0\" model pull org/tiny"
            try await ChildProcess.with(
                "/bin/bash",
                ["-c", script, program],
                environment: Program.environment(hub.environment()),
                in: hub.directory,
                name: "full"
            ) { child in
                let ending = try await child.finish()
                #expect(ending == .exit(1))
                #expect(child.errors.contains("make room and pull again"), "\(child.errors)")
            }
            let parts = hub.blobs(of: "tiny").filter { $0.hasSuffix(".incomplete") }
            #expect(parts.count == 1)
            #expect(try await hub.pull("org/tiny").ending == .exit(0))
            #expect(try hub.requests().last { $0.method == "GET" && $0.range != nil }?.range == "bytes=65536-")
        }
    }

    @Test func withoutAHubWhatIsHereServes() async throws {
        try await ModelHubServer.with { hub in
            let offline = ["HF_HUB_OFFLINE": "1"]
            let early = try await hub.pull("org/tiny", offline)
            #expect(early.ending == .exit(1) && early.errors.contains("HF_HUB_OFFLINE forbids"), "\(early)")
            #expect(try await hub.pull("org/tiny").ending == .exit(0))
            let count = try hub.requests().count
            let late = try await hub.pull("org/tiny", offline)
            #expect(try late.ending == .exit(0) && late.object()["offline"] as? String == "HF_HUB_OFFLINE is set")
            #expect(try hub.requests().count == count)
            // Nobody listens there.
            let gone = ["HF_ENDPOINT": "http://127.0.0.1:\(try TCPPort.free())"]
            let unreachable = try await hub.pull("org/tiny", gone)
            #expect(try unreachable.ending == .exit(0) && unreachable.object()["offline"] is String, "\(unreachable)")
            let other = try await hub.pull("org/other", gone)
            #expect(other.ending == .exit(1) && other.errorLines.count == 1, "\(other)")
        }
    }

    @Test func twoPullsDoNotSpoilOneAnother() async throws {
        try await ModelHubServer.with { hub in
            async let first = hub.pull("org/held", ["HF_HUB_DOWNLOAD_TIMEOUT": "\(patience.components.seconds)"])
            try await eventually("the first pull at the weights") {
                try hub.requests().contains { $0.server == "contents" }
            }
            let environment = Program.environment(hub.environment())
            let arguments = ["model", "pull", "org/held"]
            try await ChildProcess.with(
                try Program.path(),
                arguments,
                environment: environment,
                in: hub.directory,
                name: "second"
            ) { child in
                let ending = try await child.finish()
                #expect(ending == .exit(1))
                #expect(child.errors.contains("another pull is fetching it"), "\(child.errors)")
            }
            try hub.release()
            let outcome = try await first
            #expect(outcome.ending == .exit(0), "\(outcome)")
        }
    }

    @Test(arguments: ["./tiny", "tiny", "a/b/c", "-x/y", "org/tiny@../..", "org/ti ny"])
    func whatIsNoName(name: String) async throws {
        try await TemporaryDirectory.with { directory in
            let outcome = try await watchword(["model", "pull", "--", name], in: directory)
            #expect(outcome.ending == .exit(1) && outcome.errors.contains("is not a model's name"), "\(outcome)")
        }
    }
}
