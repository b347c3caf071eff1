import CCurl
import Foundation

/// One libcurl handle, whose connections are kept from one request to the next. Blocks; one thread uses it.
///
/// libcurl sends the token to the host and port of the URL only, and follows no redirect to another protocol than http
/// and https. Proxies are those of the environment, as libcurl reads it.
final class HTTPTransfer {
    /// How a request ended.
    struct Response {
        let status: Int
        /// The absolute URL that the server redirects to; nil if it does not.
        let redirect: String?
        /// The headers of the last response, by lower-case name.
        let headers: [String: String]

        subscript(_ header: Header) -> String? { headers[header.rawValue] }
    }

    enum Header: String, CaseIterable {
        case etag = "etag"
        case linkedETag = "x-linked-etag"
        case length = "content-length"
        case linkedLength = "x-linked-size"
        case commit = "x-repo-commit"
        case errorCode = "x-error-code"
    }

    /// A transfer that did not complete.
    struct Failure: Error {
        enum Kind { case connection, unsafe, rangeRefused, receiver }
        let kind: Kind
        /// libcurl's message. It holds no header, and of URLs only the host.
        let reason: String
    }

    private let handle: UnsafeMutableRawPointer
    private let settings: HubSettings
    private let agent: String

    /// libcurl is to be set up once in a process.
    private static let isSetUp = ccurl_global_init() == CURLE_OK

    init(settings: HubSettings, agent: String) throws(ModelHubError) {
        guard Self.isSetUp, let handle = curl_easy_init() else {
            throw ModelHubError(.unexpected, "libcurl cannot be set up: out of memory?")
        }
        self.handle = handle
        self.settings = settings
        self.agent = agent
    }

    deinit { curl_easy_cleanup(handle) }

    /// A HEAD request. Redirects are not followed.
    func head(_ url: String) throws(Failure) -> Response {
        prepare(url)
        ccurl_set_long(handle, CURLOPT_NOBODY, 1)
        return try perform()
    }

    /// A GET request for the body from byte `start` on. Redirects are followed.
    ///
    /// - Parameter receive: gets the body in pieces, never an error's page; returns false to end the transfer.
    func get(_ url: String, from start: Int, _ receive: @escaping (UnsafeRawBufferPointer) -> Bool) throws(Failure)
        -> Response
    {
        prepare(url)
        ccurl_set_long(handle, CURLOPT_FOLLOWLOCATION, 1)
        ccurl_set_long(handle, CURLOPT_MAXREDIRS, 10)
        ccurl_set_long(handle, CURLOPT_FAILONERROR, 1)
        ccurl_set_offset(handle, CURLOPT_RESUME_FROM_LARGE, curl_off_t(start))
        let receiver = Receiver(receive)
        ccurl_set_receiver(
            handle,
            { bytes, size, count, context in
                guard let bytes, let context else { return 0 }
                let receiver = Unmanaged<Receiver>.fromOpaque(context).takeUnretainedValue()
                return receiver.take(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
            },
            Unmanaged.passUnretained(receiver).toOpaque()
        )
        defer { withExtendedLifetime(receiver) {} }
        return try perform()
    }

    /// Carries the closure through libcurl.
    private final class Receiver {
        let take: (UnsafeRawBufferPointer) -> Bool
        init(_ take: @escaping (UnsafeRawBufferPointer) -> Bool) { self.take = take }
    }

    private func prepare(_ url: String) {
        curl_easy_reset(handle)
        let protocols = url.lowercased().hasPrefix("https:") ? "https" : "http,https"
        ccurl_set_string(handle, CURLOPT_URL, url)
        ccurl_set_string(handle, CURLOPT_PROTOCOLS_STR, protocols)
        ccurl_set_string(handle, CURLOPT_REDIR_PROTOCOLS_STR, protocols)
        ccurl_set_string(handle, CURLOPT_USERAGENT, agent)
        ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        ccurl_set_long(handle, CURLOPT_CONNECTTIMEOUT, min(settings.stallSeconds, 30))
        ccurl_set_long(handle, CURLOPT_LOW_SPEED_LIMIT, 1)
        ccurl_set_long(handle, CURLOPT_LOW_SPEED_TIME, settings.stallSeconds)
        if let token = settings.token { ccurl_set_bearer(handle, token.secret) }
    }

    private func perform() throws(Failure) -> Response {
        let text = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        text.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        defer {
            ccurl_set_error_buffer(handle, nil)
            text.deallocate()
        }
        ccurl_set_error_buffer(handle, text)
        let code = curl_easy_perform(handle)
        switch code {
        case CURLE_OK, CURLE_HTTP_RETURNED_ERROR: break
        case CURLE_WRITE_ERROR: throw Failure(kind: .receiver, reason: "the data could not be kept")
        case CURLE_RANGE_ERROR: throw Failure(kind: .rangeRefused, reason: "the server cannot resume")
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_PEER_FAILED_VERIFICATION, CURLE_TOO_MANY_REDIRECTS,
            CURLE_SSL_CACERT_BADFILE:
            throw Failure(kind: .unsafe, reason: String(cString: curl_easy_strerror(code)))
        default:
            let own = String(cString: text)
            let reason = own.isEmpty ? String(cString: curl_easy_strerror(code)) : own
            throw Failure(kind: .connection, reason: reason)
        }
        var headers: [String: String] = [:]
        for header in Header.allCases {
            if let value = ccurl_header(handle, header.rawValue) { headers[header.rawValue] = String(cString: value) }
        }
        return Response(
            status: ccurl_get_long(handle, CURLINFO_RESPONSE_CODE),
            redirect: ccurl_get_string(handle, CURLINFO_REDIRECT_URL).map { String(cString: $0) },
            headers: headers
        )
    }
}
