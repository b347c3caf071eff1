import Foundation
import HTTP
import System

/// Asks the hub for the files of one repository. Blocks; one thread uses it.
///
/// Source: huggingface_hub's `file_download.py`: `{endpoint}/{repository}/resolve/{revision}/{file}` answers a HEAD with
/// the commit and the file's checksum, and a GET with the file or a redirect to its place.
final class HubClient {
    /// The hub's entry for a file.
    struct Entry {
        let file: String
        /// The hub's own URL of the file, after redirects within the hub.
        let url: String
        let commit: String
        /// Identifies the contents: the ETag.
        let tag: String
        /// Nil if the hub does not say.
        let byteCount: Int?
    }

    let settings: HubSettings
    let name: ModelName
    private let transfer: HTTPTransfer
    /// Whether the hub has answered yet.
    private var hasAnswered = false

    /// The retries of one request.
    private struct Retries {
        private static let limit = 4
        private var backoff = Backoff(initial: .seconds(1), cap: .seconds(8))
        private var count = 0

        var isExhausted: Bool { count >= Self.limit }

        /// Blocks until the next attempt.
        mutating func wait() {
            MonotonicTime.sleep(for: backoff.next())
            count += 1
        }
    }

    /// The longest time, for all waits of one client together, that the hub may ask to wait for.
    private static let longestWait = Duration.seconds(600)
    private var waited = Duration.zero
    /// Gets the time that the hub asks to wait for, before each wait.
    var onWait: (Duration) -> Void = { _ in }

    init(_ name: ModelName, settings: HubSettings, agent: String) throws(ModelHubError) {
        self.settings = settings
        self.name = name
        let headers = HubHeader.allCases.map(\.rawValue)
        let transfer = HTTPTransfer(
            agent: agent,
            stallSeconds: settings.stallSeconds,
            headers: headers,
            bearer: settings.token?.secret
        )
        guard let transfer else { throw ModelHubError(.unexpected, "libcurl cannot be set up: out of memory?") }
        self.transfer = transfer
    }

    /// The entry of `file`; nil if the repository has no such file.
    func entry(_ file: String, revision: String) throws(ModelHubError) -> Entry? {
        var url = "\(settings.endpoint)/\(name.repository)/resolve/\(revision.replacing("/", with: "%2F"))/\(file)"
        // A renamed repository redirects within the hub. A redirect elsewhere leads to the contents, and is not followed.
        for _ in 0..<10 {
            let response = try head(url, file)
            if (300..<400).contains(response.status), response[.linkedETag] == nil, let next = response.redirect,
                Self.origin(next) == Self.origin(url)
            {
                url = next
                continue
            }
            if response.status == 404, (response[.errorCode] ?? "EntryNotFound") == "EntryNotFound" { return nil }
            guard (200..<400).contains(response.status) else { throw refusal(response, file) }
            return try entry(file, at: url, response)
        }
        throw ModelHubError(.unexpected, "\(place(file)): the hub redirects in a circle")
    }

    private func head(_ url: String, _ file: String) throws(ModelHubError) -> HTTPTransfer.Response {
        var retries = Retries()
        while true {
            let response: HTTPTransfer.Response?
            do throws(HTTPTransfer.Failure) {
                response = try transfer.head(url)
                hasAnswered = true
            } catch {
                // A hub that never answered is reported at once: there may be an offline copy.
                guard hasAnswered, error.isPassing, !retries.isExhausted else {
                    throw failed(error, file)
                }
                response = nil
            }
            if let response {
                if try waits(asTold: response, file) { continue }
                guard Self.mayMend(response.status), !retries.isExhausted else { return response }
            }
            retries.wait()
        }
    }

    /// Blocks for as long as a refused request's answer asks for (`Retry-After`). False if it asks for nothing.
    private func waits(asTold response: HTTPTransfer.Response, _ file: String) throws(ModelHubError) -> Bool {
        guard Self.mayMend(response.status), let time = response.retryAfter else { return false }
        waited += time
        guard waited <= Self.longestWait else {
            throw ModelHubError(
                .unreachable,
                "\(place(file)): the hub answers with HTTP status \(response.status) and asks to wait "
                    + "\(time.components.seconds) s; pull again then"
            )
        }
        onWait(time)
        // A signal may end a sleep early.
        let end = Instant.now + time
        while Instant.now < end { MonotonicTime.sleep(for: end - Instant.now) }
        return true
    }

    private func entry(
        _ file: String,
        at url: String,
        _ response: HTTPTransfer.Response
    ) throws(ModelHubError) -> Entry {
        guard let commit = response[.commit], commit.utf8.count == 40, commit.allSatisfy(\.isHexDigit) else {
            throw ModelHubError(
                .unexpected,
                "\(place(file)): the answer names no commit, so this is not a Hugging Face hub; is HF_ENDPOINT right?"
            )
        }
        let tag = Self.bare(response[.linkedETag] ?? response[.etag] ?? "")
        guard Self.isFileName(tag) else {
            throw ModelHubError(.unexpected, "\(place(file)): the hub gives the file no usable ETag")
        }
        // Behind a redirect, Content-Length is that of the redirect's own page.
        let length = response[.linkedLength] ?? (response.status < 300 ? response[.length] : nil)
        return Entry(file: file, url: url, commit: commit, tag: tag, byteCount: length.flatMap { Int($0) })
    }

    /// Appends the missing bytes to `part`. A broken connection is resumed: any number of times while each brings something,
    /// a few times while it does not.
    ///
    /// - Parameter progress: gets the number of bytes so far.
    func fetch(_ entry: Entry, into part: PartialFile, progress: @escaping (Int) -> Void) throws(ModelHubError) {
        if entry.byteCount == nil { try part.clear() }
        var retries = Retries()
        while true {
            if let total = entry.byteCount {
                if part.byteCount == total { return }
                if part.byteCount > total { try part.clear() }
            }
            let start = part.byteCount
            let outcome = attempt(entry, part, progress)
            if part.byteCount > start { retries = Retries() }
            switch outcome {
            case .success(let response) where response.status < 300:
                if entry.byteCount == nil { return }
                guard part.byteCount != entry.byteCount else { return }
                guard !retries.isExhausted else {
                    throw ModelHubError(.unreachable, "\(place(entry.file)): \(Self.closedEarly)")
                }
            case .success(let response):
                if try waits(asTold: response, entry.file) { continue }
                // 416: the part belongs to another file, or is longer than the file.
                if response.status == 416 { try part.clear() }
                guard response.status == 416 || Self.mayMend(response.status), !retries.isExhausted else {
                    throw refusal(response, entry.file)
                }
            case .failure(let error):
                if error.kind == .receiver, let problem = part.problem { throw problem }
                if error.kind == .rangeRefused { try part.clear() }
                guard error.kind == .rangeRefused || error.isPassing, !retries.isExhausted else {
                    throw failed(error, entry.file)
                }
            }
            retries.wait()
        }
    }

    private func attempt(
        _ entry: Entry,
        _ part: PartialFile,
        _ progress: @escaping (Int) -> Void
    ) -> Result<HTTPTransfer.Response, HTTPTransfer.Failure> {
        do throws(HTTPTransfer.Failure) {
            let response = try transfer.get(entry.url, from: part.byteCount) { bytes in
                // More than was announced.
                if let total = entry.byteCount, part.byteCount + bytes.count > total { return false }
                guard part.append(bytes) else { return false }
                progress(part.byteCount)
                return true
            }
            return .success(response)
        } catch {
            return .failure(error)
        }
    }
}
