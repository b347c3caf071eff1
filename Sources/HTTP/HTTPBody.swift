internal import CCurl

/// The body of an answer to a GET request, read piece by piece, for as long as it comes. Blocks; one thread uses it.
///
/// Redirections are followed. The request's headers and its login go to its own server only.
package final class HTTPBody {
    package let status: Int
    /// The media type with its parameters; nil if the server does not say.
    package let contentType: String?
    /// Where the body came from, with the login if that is the first server's.
    package let url: String
    /// The bytes of the whole body; nil if the server does not say.
    package let length: Int?
    /// Whether it can be read from any byte on.
    package let isSeekable: Bool
    package private(set) var position = 0

    private let transfer: HTTPTransfer
    private let request: HTTPTransfer.Fetch
    private let place: FollowedURL
    private var answer: Answer

    /// What a redirection may say beside its target.
    private static let mostOfRedirection = 1 << 20

    /// Sends the request and waits for its answer's head.
    ///
    /// - Parameter isCancelled: read many times a second.
    package init(_ request: HTTPTransfer.Fetch, isCancelled: () -> Bool) throws(HTTPTransfer.Failure) {
        guard
            let transfer = HTTPTransfer(
                agent: "watchword",
                stallSeconds: 60,
                headers: ["content-type", "accept-ranges"]
            )
        else { throw HTTPTransfer.Failure(kind: .connection, reason: "libcurl cannot be set up") }
        var place = FollowedURL(request.url)
        var answer = Answer(transfer, request, place, from: 0)
        while true {
            try answer.awaitHead(isCancelled)
            guard (300..<400).contains(answer.status) else { break }
            // libcurl names the target at the end of the answer.
            while !answer.isOver {
                answer.pending = []
                guard answer.received < Self.mostOfRedirection else {
                    throw HTTPTransfer.Failure(kind: .unsafe, reason: "the server redirects with too many words")
                }
                try answer.go(on: isCancelled)
            }
            guard let target = answer.target else { break }
            try place.follow(target)
            answer.end()
            answer = Answer(transfer, request, place, from: 0)
        }
        status = answer.status
        contentType = answer.header("content-type")
        isSeekable = answer.header("accept-ranges")?.lowercased() == "bytes"
        length = answer.length
        url = place.url
        (self.transfer, self.request, self.place, self.answer) = (transfer, request, place, answer)
    }

    deinit { answer.end() }

    /// Reads bytes, at least one unless the body has ended.
    ///
    /// - Returns: how many; 0 at the end.
    package func read(
        into buffer: UnsafeMutableBufferPointer<UInt8>,
        isCancelled: () -> Bool
    ) throws(HTTPTransfer.Failure) -> Int {
        while answer.pending.isEmpty, !answer.isOver { try answer.go(on: isCancelled) }
        // The page of an error is not what lies at that place.
        guard answer.start == 0 || answer.status == 206 else {
            throw HTTPTransfer.Failure(kind: .rangeRefused, reason: "the server cannot resume")
        }
        let count = min(answer.pending.count, buffer.count)
        _ = buffer.update(fromContentsOf: answer.pending.prefix(count))
        answer.pending.removeFirst(count)
        position += count
        return count
    }

    /// Reads from this byte on. The next `read` reports what fails.
    package func seek(to start: Int) {
        guard start != position else { return }
        answer.end()
        answer = Answer(transfer, request, place, from: start)
        position = start
    }
}

/// One request's answer as it arrives.
///
/// libcurl works only while it is asked to, so that what is not read waits at the server: no more than a few of libcurl's
/// buffers lie here.
private final class Answer {
    var pending: ArraySlice<UInt8> = []
    private(set) var received = 0
    private(set) var isOver = false
    private let transfer: HTTPTransfer
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var receiver: HTTPTransfer.Receiver?
    private var steps: HTTPTransfer.Steps?
    private var response: HTTPTransfer.Response?
    /// The byte that it begins with.
    let start: Int

    init(_ transfer: HTTPTransfer, _ request: HTTPTransfer.Fetch, _ place: FollowedURL, from start: Int) {
        self.transfer = transfer
        self.start = start
        headers = transfer.prepare(request, at: place)
        // The reader has limits of its own.
        ccurl_set_long(transfer.handle, CURLOPT_LOW_SPEED_TIME, 0)
        ccurl_set_offset(transfer.handle, CURLOPT_RESUME_FROM_LARGE, curl_off_t(start))
        let receiver = HTTPTransfer.Receiver { [unowned self] bytes in
            pending.append(contentsOf: bytes)
            received += bytes.count
            return true
        }
        self.receiver = receiver
        transfer.hand(over: receiver)
        steps = transfer.begin()
    }

    deinit { end() }

    var status: Int { ccurl_get_long(transfer.handle, CURLINFO_RESPONSE_CODE) }
    var target: String? { response?.redirect }
    var length: Int? {
        let rest = ccurl_get_offset(transfer.handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)
        return rest > 0 ? start + Int(rest) : nil
    }

    func header(_ name: String) -> String? { ccurl_header(transfer.handle, name).map { String(cString: $0) } }

    func awaitHead(_ isCancelled: () -> Bool) throws(HTTPTransfer.Failure) {
        while pending.isEmpty, !isOver { try go(on: isCancelled) }
    }

    /// Lets libcurl work for a moment.
    func go(on isCancelled: () -> Bool) throws(HTTPTransfer.Failure) {
        guard !isCancelled() else { throw HTTPTransfer.Failure(kind: .cancelled, reason: "cancelled") }
        guard let steps else { throw HTTPTransfer.Failure(kind: .connection, reason: "out of memory") }
        guard let result = steps.next() else {
            if pending.isEmpty { steps.wait() }
            return
        }
        isOver = true
        response = try transfer.perform { _ in result }
    }

    /// Ends the transfer, wherever it is.
    func end() {
        steps = nil
        curl_slist_free_all(headers)
        headers = nil
        isOver = true
    }
}
