import Foundation

/// Asks the hub for the files of one repository. Blocks; one thread uses it.
///
/// Source: huggingface_hub's `file_download.py`: `{endpoint}/{repository}/resolve/{revision}/{file}` answers a HEAD with
/// the commit and the file's checksum, and a GET with the file or a redirect to where it lies.
final class HubClient {
    /// What the hub says of a file.
    struct Entry {
        let file: String
        /// Where the hub itself serves it, its own redirects followed.
        let url: String
        let commit: String
        /// The name of its contents: its ETag.
        let tag: String
        /// Nil where the hub does not say.
        let byteCount: Int?
    }

    let settings: HubSettings
    let name: ModelName
    private let transfer: HTTPTransfer
    /// Whether the hub has said anything yet.
    private var hasAnswered = false
    /// Seconds to wait before what failed is tried again.
    private static let waits = [1.0, 2, 4, 8]

    init(_ name: ModelName, settings: HubSettings, agent: String) throws(ModelHubError) {
        self.settings = settings
        self.name = name
        transfer = try HTTPTransfer(settings: settings, agent: agent)
    }

    /// What the hub has under `file`; nil where the repository has no such file.
    func entry(_ file: String, revision: String) throws(ModelHubError) -> Entry? {
        var url = "\(settings.endpoint)/\(name.repository)/resolve/\(revision.replacing("/", with: "%2F"))/\(file)"
        // A renamed repository redirects within the hub. Where the contents lie, elsewhere, is not asked now.
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
        var failures = 0
        while true {
            do throws(HTTPTransfer.Failure) {
                let response = try transfer.head(url)
                hasAnswered = true
                guard Self.mayMend(response.status), failures < Self.waits.count else { return response }
            } catch {
                // A hub that is not there at all is told at once: there may be an offline copy.
                guard hasAnswered, error.kind == .connection, failures < Self.waits.count else {
                    throw failed(error, file)
                }
            }
            wait(&failures)
        }
    }

    private func entry(
        _ file: String,
        at url: String,
        _ response: HTTPTransfer.Response
    ) throws(ModelHubError) -> Entry {
        guard let commit = response[.commit], commit.utf8.count == 40, commit.allSatisfy(\.isHexDigit) else {
            throw ModelHubError(
                .unexpected,
                "\(place(file)): the answer names no commit, so that this is no Hugging Face hub; is HF_ENDPOINT right?"
            )
        }
        let tag = Self.bare(response[.linkedETag] ?? response[.etag] ?? "")
        guard Self.isFileName(tag) else {
            throw ModelHubError(.unexpected, "\(place(file)): the hub gives the file no ETag that can be its name")
        }
        // Behind a redirect, Content-Length is that of the redirect's own page.
        let length = response[.linkedLength] ?? (response.status < 300 ? response[.length] : nil)
        return Entry(file: file, url: url, commit: commit, tag: tag, byteCount: length.flatMap { Int($0) })
    }

    /// Appends to `part` what it lacks. A connection that breaks is taken up where it broke: as often as it takes while
    /// each brings something, and a few times while it does not. `progress` gets the bytes that are there.
    func fetch(_ entry: Entry, into part: PartialFile, progress: @escaping (Int) -> Void) throws(ModelHubError) {
        if entry.byteCount == nil { try part.clear() }
        var failures = 0
        while true {
            if let total = entry.byteCount {
                if part.byteCount == total { return }
                if part.byteCount > total { try part.clear() }
            }
            let start = part.byteCount
            let outcome = attempt(entry, part, progress)
            if part.byteCount > start { failures = 0 }
            switch outcome {
            case .success(let response) where response.status < 300:
                if entry.byteCount == nil { return }
                guard part.byteCount != entry.byteCount else { return }
                guard failures < Self.waits.count else {
                    throw ModelHubError(.unreachable, "\(place(entry.file)): \(Self.closedEarly)")
                }
            case .success(let response):
                // 416: what is there already is of another file, or more than there is.
                if response.status == 416 { try part.clear() }
                guard response.status == 416 || Self.mayMend(response.status), failures < Self.waits.count else {
                    throw refusal(response, entry.file)
                }
            case .failure(let error):
                if error.kind == .receiver, let problem = part.problem { throw problem }
                if error.kind == .rangeRefused { try part.clear() }
                guard error.kind == .rangeRefused || error.kind == .connection, failures < Self.waits.count else {
                    throw failed(error, entry.file)
                }
            }
            wait(&failures)
        }
    }

    private func attempt(
        _ entry: Entry,
        _ part: PartialFile,
        _ progress: @escaping (Int) -> Void
    ) -> Result<HTTPTransfer.Response, HTTPTransfer.Failure> {
        do throws(HTTPTransfer.Failure) {
            let response = try transfer.get(entry.url, from: part.byteCount) { bytes in
                // More than was announced is not what was announced.
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

    private func wait(_ failures: inout Int) {
        Thread.sleep(forTimeInterval: Self.waits[min(failures, Self.waits.count - 1)])
        failures += 1
    }
}
