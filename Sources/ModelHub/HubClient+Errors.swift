import Foundation
import HTTP

/// The hub's refusals as errors with a remedy. No message holds the token, nor the address of a redirect, which may itself
/// grant access to anyone who knows it.
extension HubClient {
    static let closedEarly = "the connection was closed early; pull again to resume"

    func place(_ file: String) -> String { "\(name) (\(file) at \(settings.place))" }

    /// Whether the same request may succeed a moment later.
    static func mayMend(_ status: Int) -> Bool { status == 429 || (500...599).contains(status) }

    func failed(_ failure: HTTPTransfer.Failure, _ file: String) -> ModelHubError {
        switch failure.kind {
        case .connection, .timedOut:
            ModelHubError(
                .unreachable,
                "\(place(file)): \(failure.reason); the part that has arrived is kept; pull again to resume"
            )
        case .unsafe: ModelHubError(.unexpected, "\(place(file)): \(failure.reason)")
        case .rangeRefused, .receiver, .cancelled:
            ModelHubError(.damaged, "\(place(file)): the hub sent more than it announced; pull again")
        }
    }

    func refusal(_ response: HTTPTransfer.Response, _ file: String) -> ModelHubError {
        let known = settings.token != nil
        switch (response.status, response[.errorCode]) {
        case (_, "GatedRepo"):
            return ModelHubError(
                .gated,
                "\(name): its conditions must be accepted first, at \(settings.place)/\(name.repository)"
                    + (known ? ", by whom the token belongs to" : "; then put a token into HF_TOKEN")
            )
        case (401, _), (403, _):
            return ModelHubError(
                .unauthorized,
                known
                    ? "\(name): \(settings.place) does not let the token of HF_TOKEN read it, or the model does not exist"
                    : "\(name): the model does not exist at \(settings.place), or needs a token: put one into HF_TOKEN"
            )
        case (404, "RevisionNotFound"):
            return ModelHubError(.notFound, "\(name): \(name.repository) has no revision \(name.revision)")
        case (404, "EntryNotFound"):
            return ModelHubError(.notFound, "\(name): there is no \(file) any more; pull again")
        case (404, _):
            return ModelHubError(
                .notFound,
                "\(name): the model does not exist at \(settings.place); `watchword model list` names some"
            )
        default:
            return ModelHubError(
                .unexpected,
                "\(place(file)): the hub answers with HTTP status \(response.status); try later"
            )
        }
    }

    /// An ETag without its quotes.
    static func bare(_ tag: String) -> String {
        (tag.hasPrefix("W/") ? String(tag.dropFirst(2)) : tag).trimmingCharacters(in: ["\""])
    }

    /// Whether it can serve as the name of a file.
    static func isFileName(_ tag: String) -> Bool {
        (1...128).contains(tag.utf8.count)
            && tag.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_".unicodeScalars.contains($0))
            }
    }

    /// Scheme, host and port.
    static func origin(_ url: String) -> String? {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased() else { return nil }
        return "\(scheme)://\(parts.host?.lowercased() ?? ""):\(parts.port ?? (scheme == "https" ? 443 : 80))"
    }
}
