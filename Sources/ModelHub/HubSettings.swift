import Foundation
import System

/// The address and the options of the hub, from the environment variables of Hugging Face's own programs.
///
/// Source: huggingface_hub, `constants.py`.
package struct HubSettings: Sendable {
    /// Without a slash at its end: `HF_ENDPOINT`, or https://huggingface.co.
    let endpoint: String
    /// `HF_TOKEN`, or what `HF_TOKEN_PATH` or `$HF_HOME/token` holds.
    let token: HubToken?
    /// The directory that Hugging Face's programs keep models in.
    package let cache: String
    /// `HF_HUB_OFFLINE`: the network is not to be used.
    package let isOffline: Bool
    /// How long a connection may be silent: `HF_HUB_DOWNLOAD_TIMEOUT`, or 30 s.
    let stallSeconds: Int

    /// - Throws: `ModelHubError` that names the variable with an invalid value.
    package init(environment: [String: String]) throws(ModelHubError) {
        func value(_ names: String...) -> String? {
            names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        endpoint = try Self.endpoint(value("HF_ENDPOINT") ?? "https://huggingface.co")
        let user = value("HOME") ?? NSHomeDirectory()
        func path(_ text: String) -> String { text.hasPrefix("~/") ? user + text.dropFirst(1) : text }
        let home = value("HF_HOME").map(path) ?? path(value("XDG_CACHE_HOME") ?? "~/.cache") + "/huggingface"
        cache = value("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE").map(path) ?? home + "/hub"
        isOffline = Self.isTrue(value("HF_HUB_OFFLINE")) || Self.isTrue(value("TRANSFORMERS_OFFLINE"))
        if let text = value("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN") {
            token = try HubToken(text, from: "HF_TOKEN")
        } else {
            token = try HubToken(file: value("HF_TOKEN_PATH").map(path) ?? home + "/token")
        }
        stallSeconds = try Self.seconds(value("HF_HUB_DOWNLOAD_TIMEOUT"))
    }

    /// The endpoint for messages, without user and password.
    var place: String {
        guard var parts = URLComponents(string: endpoint) else { return "the hub" }
        (parts.user, parts.password) = (nil, nil)
        return parts.string ?? "the hub"
    }

    private static func endpoint(_ text: String) throws(ModelHubError) -> String {
        let trimmed = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard let parts = URLComponents(string: trimmed), ["http", "https"].contains(parts.scheme?.lowercased()),
            parts.host?.isEmpty == false, parts.query == nil, parts.fragment == nil
        else {
            throw ModelHubError(.invalid, "HF_ENDPOINT is not an http or https URL, such as https://huggingface.co")
        }
        return trimmed
    }

    private static func seconds(_ text: String?) throws(ModelHubError) -> Int {
        guard let text else { return 30 }
        guard let seconds = Int(text), (1...86400).contains(seconds) else {
            throw ModelHubError(.invalid, "HF_HUB_DOWNLOAD_TIMEOUT must be a number of seconds, from 1 to 86400")
        }
        return seconds
    }

    private static func isTrue(_ text: String?) -> Bool {
        text.map { ["1", "ON", "YES", "TRUE"].contains($0.uppercased()) } ?? false
    }
}
