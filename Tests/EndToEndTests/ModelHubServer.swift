import Foundation
import TestSupport
import Testing

/// A hub on this machine (Tests/Reference/model_hub.py) with the tiny model in each of its repositories, and a home
/// directory of its own for the programs that ask it.
struct ModelHubServer {
    /// What must show up nowhere.
    static let token = "hf_canary7Zq"

    /// A request, as the hub saw it.
    struct Request: Decodable {
        var method: String
        var path: String
        /// `hub`, or `contents` for the other host, which the contents of large files lie on.
        var server: String
        var range: String?
        var authorization: String?
    }

    let directory: TemporaryDirectory
    let url: String

    static func with(_ body: (ModelHubServer) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let arguments = [
                Tree.modelHub, "--files", Tree.tinyModel, "--log", directory("requests"), "--token", token, "--release",
                directory("release"),
            ]
            try await ChildProcess.with("/usr/bin/python3", arguments, in: directory, name: "hub") { child in
                let url = try await eventually("the hub", context: { child.errors }) {
                    try #require(!child.hasEnded, "the hub ended: \(child.errors)")
                    return child.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().first
                }
                try await body(ModelHubServer(directory: directory, url: String(url)))
            }
        }
    }

    /// Its cache, as Hugging Face's own programs would have it.
    var cache: String { directory("home/hub") }

    func environment(_ more: [String: String?] = [:]) -> [String: String?] {
        var environment: [String: String?] = [
            "HF_ENDPOINT": url, "HF_HOME": directory("home"), "HOME": directory.path, "no_proxy": "*",
        ]
        for name in [
            "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE",
            "XDG_CACHE_HOME", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DOWNLOAD_TIMEOUT",
        ] { environment.updateValue(nil, forKey: name) }
        return environment.merging(more) { $1 }
    }

    /// Lets contents that are held back go on.
    func release() throws { try directory.write("", to: "release") }

    func pull(_ name: String, _ more: [String: String?] = [:]) async throws -> Outcome {
        try await watchword(["model", "pull", name, "--json"], environment: environment(more), in: directory)
    }

    /// What came so far, in order.
    func requests() throws -> [Request] {
        let text = String(
            decoding: FileManager.default.contents(atPath: directory("requests")) ?? Data(),
            as: UTF8.self
        )
        return try text.split(separator: "\n").map { try JSONDecoder().decode(Request.self, from: Data($0.utf8)) }
    }

    func blobs(of repository: String) -> [String] {
        let path = "\(cache)/models--org--\(repository)/blobs"
        return (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    }
}

extension Outcome {
    /// The one JSON object that was printed.
    func object() throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
        return try #require(value as? [String: Any], "\(self)")
    }
}
