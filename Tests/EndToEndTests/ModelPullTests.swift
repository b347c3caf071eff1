import Foundation
import Testing

/// `model pull` from a hub on this machine, with all that can go wrong on the way.
@Suite(.serialized) struct ModelPullTests {
    @Test func aPulledModelIsTheFilesAndItsNameServesEverywhere() async throws {
        try await ModelHubServer.with { hub in
            let outcome = try await hub.pull("org/tiny")
            #expect(outcome.ending == .exit(0) && outcome.errors.isEmpty, "\(outcome)")
            let report = try outcome.object()
            let directory = try #require(report["directory"] as? String)
            #expect((report["unverified"] as? [String]) == [] && report["offline"] is NSNull, "\(report)")
            for file in try FileManager.default.contentsOfDirectory(atPath: Tree.tinyModel) {
                let there = FileManager.default.contents(atPath: "\(directory)/\(file)")
                #expect(there == FileManager.default.contents(atPath: "\(Tree.tinyModel)/\(file)"), "\(file)")
            }

            let inspect = ["model", "inspect", "org/tiny", "--json"]
            let inspected = try await watchword(inspect, environment: hub.environment(), in: hub.directory)
            #expect(try inspected.object()["frames"] as? Int == 4, "\(inspected)")

            // What is there is not fetched again.
            let before = try hub.requests().filter { $0.method == "GET" }.count
            let again = try await hub.pull("org/tiny").object()
            #expect(again["fetched_bytes"] as? Int == 0 && again["bytes"] as? Int == report["bytes"] as? Int)
            #expect(try hub.requests().filter { $0.method == "GET" }.count == before)
        }
    }

    @Test func eventsCallAPulledModelByItsName() async throws {
        try await ModelHubServer.with { hub in
            try #require(try await hub.pull("org/tiny").ending == .exit(0))
            let video = hub.directory("clip.mp4")
            try await ffmpeg(
                "-f lavfi -i testsrc2=size=64x64:rate=10:duration=6 -c:v mpeg4",
                to: video,
                in: hub.directory
            )
            let truth = try hub.directory.write("label,start,end\na dog,1,2\n", to: "truth.csv")
            let arguments = ["eval", "--events", video, "--truth", truth, "--model", "org/tiny", "--window", "2s"]
            let outcome = try await watchword(
                arguments + ["--reuse", "exact", "--json"],
                environment: hub.environment(),
                in: hub.directory
            )
            #expect(try outcome.object()["model"] as? String == "tiny", "\(outcome)")
        }
    }

    @Test func aCutConnectionIsTakenUpWhereItBroke() async throws {
        try await ModelHubServer.with { hub in
            let outcome = try await hub.pull("org/cut")
            #expect(outcome.ending == .exit(0), "\(outcome)")
            let size = try Data(contentsOf: URL(filePath: Tree.tinyModel + "/model.safetensors")).count
            let ranges = try hub.requests().filter { $0.server == "contents" }.map(\.range)
            #expect(ranges == [nil, "bytes=\(size / 2)-"], "\(ranges)")
        }
    }

    @Test func whatAnEarlierRunFetchedIsNotFetchedAgain() async throws {
        try await ModelHubServer.with { hub in
            let weights = try Data(contentsOf: URL(filePath: Tree.tinyModel + "/model.safetensors"))
            try #require(try await hub.pull("org/tiny").ending == .exit(0))
            let tag = try #require(hub.blobs(of: "tiny").first { $0.utf8.count == 64 })
            let blob = "\(hub.cache)/models--org--tiny/blobs/\(tag)"
            try FileManager.default.removeItem(atPath: blob)
            try weights.prefix(1000).write(to: URL(filePath: blob + ".incomplete"))
            let outcome = try await hub.pull("org/tiny")
            #expect(try outcome.object()["fetched_bytes"] as? Int == weights.count - 1000, "\(outcome)")
            #expect(try hub.requests().last { $0.server == "contents" }?.range == "bytes=1000-")
            #expect(FileManager.default.contents(atPath: blob) == weights)
            // Of more than there is, nothing can be right.
            try FileManager.default.removeItem(atPath: blob)
            try (weights + weights).write(to: URL(filePath: blob + ".incomplete"))
            #expect(try await hub.pull("org/tiny").ending == .exit(0))
            #expect(FileManager.default.contents(atPath: blob) == weights)
        }
    }

    @Test(arguments: ["unresumable", "stalled", "busy", "renamed", "sharded"])
    func troublesThatPass(trouble: String) async throws {
        try await ModelHubServer.with { hub in
            let impatience = trouble == "stalled" ? ["HF_HUB_DOWNLOAD_TIMEOUT": "10"] : [:]
            let outcome = try await hub.pull("org/\(trouble)", impatience)
            #expect(outcome.ending == .exit(0) && outcome.errors.isEmpty, "\(outcome)")
            let files = try #require(try outcome.object()["files"] as? [String])
            if trouble == "sharded" { #expect(Set(files).isSuperset(of: ["a.safetensors", "b.safetensors"])) }
        }
    }

    /// Both HEAD and GET are refused once; a request that comes before its time is refused again.
    @Test(arguments: ["limited", "dated"])
    func aHubThatAsksToWaitIsAskedAgainThen(trouble: String) async throws {
        try await ModelHubServer.with { hub in
            let outcome = try await hub.pull("org/\(trouble)")
            #expect(outcome.ending == .exit(0) && outcome.errors.isEmpty, "\(outcome)")
            let requests = try hub.requests().filter { $0.server == "hub" && $0.path.hasSuffix("model.safetensors") }
            #expect(requests.map(\.method) == ["HEAD", "HEAD", "GET", "GET"], "\(requests)")
        }
    }

    @Test func aHubThatAsksForADayIsReportedAtOnce() async throws {
        try await ModelHubServer.with { hub in
            let outcome = try await hub.pull("org/closed")
            #expect(outcome.ending == .exit(1) && outcome.errorLines.count == 1, "\(outcome)")
            #expect(outcome.errors.contains("429 and asks to wait 86400 s"), "\(outcome)")
            let requests = try hub.requests().filter { $0.path.hasSuffix("model.safetensors") }
            #expect(requests.count == 1, "\(requests)")
        }
    }

    @Test func aRevisionHasItsOwnPlace() async throws {
        try await ModelHubServer.with { hub in
            #expect(try await hub.pull("org/tiny@refs/pr/1").ending == .exit(0))
            let inspect = { (name: String) in
                try await watchword(["model", "inspect", name], environment: hub.environment(), in: hub.directory)
            }
            #expect(try await inspect("org/tiny@refs/pr/1").ending == .exit(0))
            let missing = try await inspect("org/tiny")
            #expect(
                missing.ending == .exit(1) && missing.errors.contains("`watchword model pull org/tiny`"),
                "\(missing)"
            )
        }
    }
}
