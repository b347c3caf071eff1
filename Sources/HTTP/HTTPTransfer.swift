internal import CCurl

/// One libcurl handle, whose connections are kept from one request to the next. Blocks; one thread uses it.
///
/// libcurl sends a bearer token to the host and port of the URL only, and follows no redirect to another protocol than http
/// and https.
package final class HTTPTransfer {
    /// How a request ended.
    package struct Response: Sendable {
        package let status: Int
        /// The absolute URL that the server redirects to; nil if it does not.
        package let redirect: String?
        /// How long the server asks to wait before the next request; nil if it does not.
        package let retryAfter: Duration?
        /// The server's address, without a port; nil if there was no connection.
        package let peer: String?
        /// Those headers of the last response that the transfer keeps, by lower-case name.
        package let headers: [String: String]
    }

    /// A transfer that did not complete.
    package struct Failure: Error {
        package enum Kind: Sendable {
            /// The server was not reached, or the connection broke.
            case connection
            /// It did not answer in time.
            case timedOut
            /// The server is not the one it should be, or names a place that must not be followed.
            case unsafe
            case rangeRefused
            /// The receiver took no more.
            case receiver
            /// The caller took the request back.
            case cancelled
        }

        package let kind: Kind
        /// libcurl's message. It holds no header, and of URLs only the host.
        package let reason: String

        package init(kind: Kind, reason: String) {
            self.kind = kind
            self.reason = reason
        }

        /// Whether the same request may succeed when it is sent again.
        package var isPassing: Bool { kind == .connection || kind == .timedOut }
    }

    let handle: UnsafeMutableRawPointer
    /// Keeps the connections of requests that can be cancelled; nil before the first.
    private var group: UnsafeMutableRawPointer?
    private let agent: String
    private let stallSeconds: Int
    private let headerNames: [String]
    private let bearer: String?

    /// libcurl is to be set up once in a process.
    private static let isSetUp = ccurl_global_init() == CURLE_OK

    /// Sets libcurl up, which the first request would do.
    package static func setUp() { _ = isSetUp }

    /// - Parameters:
    ///   - agent: the user agent.
    ///   - stallSeconds: how long a connection may be silent.
    ///   - headers: the response's headers to keep, in lower case.
    ///   - bearer: the token that is sent with each request.
    /// - Returns: nil if libcurl cannot be set up.
    package init?(agent: String, stallSeconds: Int, headers: [String], bearer: String? = nil) {
        guard Self.isSetUp, let handle = curl_easy_init() else { return nil }
        self.handle = handle
        self.agent = agent
        self.stallSeconds = stallSeconds
        headerNames = headers
        self.bearer = bearer
    }

    deinit {
        curl_easy_cleanup(handle)
        if let group { curl_multi_cleanup(group) }
    }

    /// A HEAD request. Redirects are not followed.
    package func head(_ url: String) throws(Failure) -> Response {
        prepare(url)
        ccurl_set_long(handle, CURLOPT_NOBODY, 1)
        return try perform()
    }

    /// A GET request for the body from byte `start` on. Redirects are followed.
    ///
    /// - Parameter receive: gets the body in pieces, never an error's page; returns false to end the transfer.
    package func get(
        _ url: String,
        from start: Int,
        _ receive: @escaping (UnsafeRawBufferPointer) -> Bool
    ) throws(Failure) -> Response {
        prepare(url)
        ccurl_set_long(handle, CURLOPT_FOLLOWLOCATION, 1)
        ccurl_set_long(handle, CURLOPT_MAXREDIRS, 10)
        ccurl_set_long(handle, CURLOPT_FAILONERROR, 1)
        ccurl_set_offset(handle, CURLOPT_RESUME_FROM_LARGE, curl_off_t(start))
        let receiver = Receiver(receive)
        defer { withExtendedLifetime(receiver) {} }
        hand(over: receiver)
        return try perform()
    }

    /// Carries the closure through libcurl, which gets no reference of its own: keep it alive until the transfer's end.
    final class Receiver {
        let take: (UnsafeRawBufferPointer) -> Bool
        init(_ take: @escaping (UnsafeRawBufferPointer) -> Bool) { self.take = take }
    }

    func hand(over receiver: Receiver) {
        ccurl_set_receiver(
            handle,
            { bytes, size, count, context in
                guard let bytes, let context else { return 0 }
                let receiver = Unmanaged<Receiver>.fromOpaque(context).takeUnretainedValue()
                return receiver.take(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
            },
            Unmanaged.passUnretained(receiver).toOpaque()
        )
    }

    func prepare(_ url: String) {
        curl_easy_reset(handle)
        let protocols = url.lowercased().hasPrefix("https:") ? "https" : "http,https"
        ccurl_set_string(handle, CURLOPT_URL, url)
        ccurl_set_string(handle, CURLOPT_PROTOCOLS_STR, protocols)
        ccurl_set_string(handle, CURLOPT_REDIR_PROTOCOLS_STR, protocols)
        ccurl_set_string(handle, CURLOPT_USERAGENT, agent)
        ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        ccurl_set_long(handle, CURLOPT_CONNECTTIMEOUT, min(stallSeconds, 30))
        ccurl_set_long(handle, CURLOPT_LOW_SPEED_LIMIT, 1)
        ccurl_set_long(handle, CURLOPT_LOW_SPEED_TIME, stallSeconds)
        if let bearer { ccurl_set_bearer(handle, bearer) }
    }

    /// As `curl_easy_perform`, which looks up only once a second.
    func transfer(_ isCancelled: () -> Bool) -> CURLcode {
        guard let steps = begin() else { return CURLE_OUT_OF_MEMORY }
        while true {
            guard !isCancelled() else { return CURLE_ABORTED_BY_CALLBACK }
            if let result = steps.next() { return result }
            steps.wait()
        }
    }

    /// Begins the prepared request. Nil if there is no memory.
    func begin() -> Steps? {
        group = group ?? curl_multi_init()
        return group.flatMap { Steps(handle, in: $0) }
    }

    /// A request under way. It is ended with this object.
    final class Steps {
        private let handle: UnsafeMutableRawPointer
        private let group: UnsafeMutableRawPointer

        /// How often a wait lets the caller look whether the request is cancelled, in milliseconds.
        private static let look: Int32 = 50

        fileprivate init?(_ handle: UnsafeMutableRawPointer, in group: UnsafeMutableRawPointer) {
            guard curl_multi_add_handle(group, handle) == CURLM_OK else { return nil }
            (self.handle, self.group) = (handle, group)
        }

        deinit { curl_multi_remove_handle(group, handle) }

        /// Sends and receives what can be without waiting.
        ///
        /// - Returns: the result, once the request is over.
        func next() -> CURLcode? {
            var running: Int32 = 0
            guard curl_multi_perform(group, &running) == CURLM_OK else { return CURLE_FAILED_INIT }
            guard running == 0 else { return nil }
            var left: Int32 = 0
            guard let message = curl_multi_info_read(group, &left) else { return CURLE_FAILED_INIT }
            return message.pointee.data.result
        }

        /// Waits for a moment until there is more to send or to receive.
        func wait() { _ = curl_multi_poll(group, nil, 0, Self.look, nil) }
    }

    /// - Parameter transfer: carries the prepared request out.
    func perform(_ transfer: (UnsafeMutableRawPointer) -> CURLcode = { curl_easy_perform($0) }) throws(Failure)
        -> Response
    {
        let text = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        text.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        defer {
            ccurl_set_error_buffer(handle, nil)
            text.deallocate()
        }
        ccurl_set_error_buffer(handle, text)
        let code = transfer(handle)
        switch code {
        case CURLE_OK, CURLE_HTTP_RETURNED_ERROR: break
        case CURLE_OPERATION_TIMEDOUT:
            throw Failure(kind: .timedOut, reason: Self.reason(code, text))
        case CURLE_WRITE_ERROR: throw Failure(kind: .receiver, reason: "the data could not be kept")
        case CURLE_ABORTED_BY_CALLBACK: throw Failure(kind: .cancelled, reason: "cancelled")
        case CURLE_RANGE_ERROR: throw Failure(kind: .rangeRefused, reason: "the server cannot resume")
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_PEER_FAILED_VERIFICATION, CURLE_TOO_MANY_REDIRECTS,
            CURLE_SSL_CACERT_BADFILE:
            throw Failure(kind: .unsafe, reason: String(cString: curl_easy_strerror(code)))
        default:
            throw Failure(kind: .connection, reason: Self.reason(code, text))
        }
        var headers: [String: String] = [:]
        for name in headerNames {
            if let value = ccurl_header(handle, name) { headers[name] = String(cString: value) }
        }
        // libcurl reads both forms of Retry-After: seconds, and a date.
        let wait = ccurl_get_offset(handle, CURLINFO_RETRY_AFTER)
        return Response(
            status: ccurl_get_long(handle, CURLINFO_RESPONSE_CODE),
            redirect: ccurl_get_string(handle, CURLINFO_REDIRECT_URL).map { String(cString: $0) },
            retryAfter: wait > 0 ? .seconds(wait) : nil,
            peer: ccurl_get_string(handle, CURLINFO_PRIMARY_IP).map { String(cString: $0) },
            headers: headers
        )
    }

    private static func reason(_ code: CURLcode, _ text: UnsafePointer<CChar>) -> String {
        let own = String(cString: text)
        return own.isEmpty ? String(cString: curl_easy_strerror(code)) : own
    }
}
