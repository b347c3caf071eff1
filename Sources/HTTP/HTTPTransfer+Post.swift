internal import CCurl
import System

extension HTTPTransfer {
    /// A request with a body to a server that is not trusted: it has one time limit, and its answer a size. The URL may hold
    /// a user name and a password, for Basic.
    package struct Post {
        /// For HTTP's digest authentication.
        package struct Login {
            package let user: String
            package let password: String

            package init(user: String, password: String) {
                self.user = user
                self.password = password
            }
        }

        /// What of the answer matters.
        package enum Wanted: Sendable {
            /// All of it. The request fails if the answer is larger than the limit or breaks off.
            case answer
            /// Its status alone. What follows is read up to the limit, so that the connection can be used again. However
            /// it ends, the request has been answered: to send it again would deliver it twice.
            case status
        }

        package var url: String
        /// `POST` or `PUT`.
        package var method = "POST"
        package var contentType: String
        package var headers: [HTTPHeader] = []
        package var body: [UInt8]
        /// Nil sends the request without digest authentication.
        package var login: Login?
        /// A PEM file of the authorities to trust; nil for the system's.
        package var authorities: String?
        /// Whether to go past all proxies, rather than through those of the environment.
        package var isDirect = true
        /// The largest answer, in bytes.
        package var limit: Int
        package var wanted = Wanted.answer

        package init(url: String, contentType: String, body: [UInt8], limit: Int) {
            self.url = url
            self.contentType = contentType
            self.body = body
            self.limit = limit
        }
    }

    /// Sends the request, and follows no redirect.
    ///
    /// - Parameters:
    ///   - timeout: for all of it.
    ///   - connecting: for reaching the server.
    ///   - isCancelled: read many times a second.
    /// - Returns: the response and its body, also that of an error. The body is empty if only the status is wanted.
    package func post(
        _ request: Post,
        timeout: Duration,
        connecting: Duration,
        isCancelled: () -> Bool
    ) throws(Failure) -> (response: Response, body: [UInt8]) {
        prepare(request.url)
        if request.isDirect { ccurl_set_string(handle, CURLOPT_NOPROXY, "*") }
        if let authorities = request.authorities { ccurl_set_string(handle, CURLOPT_CAINFO, authorities) }
        ccurl_set_long(handle, CURLOPT_TIMEOUT_MS, max(1, Int(timeout.milliseconds)))
        ccurl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(connecting.milliseconds)))
        ccurl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
        // libcurl keeps a copy.
        _ = request.body.withUnsafeBufferPointer { body in
            body.withMemoryRebound(to: CChar.self) { ccurl_set_string(handle, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) }
        }
        ccurl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method)
        // Small devices do not know the Expect header that libcurl sends before a large body.
        var headers = curl_slist_append(nil, "Content-Type: \(request.contentType)")
        for line in ["Expect:"] + request.headers.map(\.line) { headers = curl_slist_append(headers, line) }
        defer { curl_slist_free_all(headers) }
        ccurl_set_headers(handle, headers)
        if let login = request.login { ccurl_set_digest(handle, login.user, login.password) }

        var body: [UInt8] = []
        let receiver = Receiver { bytes in
            guard body.count + bytes.count <= request.limit else { return false }
            body.append(contentsOf: bytes)
            return true
        }
        defer { withExtendedLifetime(receiver) {} }
        hand(over: receiver)
        let response = try perform { _ in
            let code = transfer(isCancelled)
            // libcurl has the status of a proxy that refuses the tunnel elsewhere, and that of an interim answer is below 200.
            let isAnswered = ccurl_get_long(handle, CURLINFO_RESPONSE_CODE) >= 200
            return request.wanted == .status && isAnswered ? CURLE_OK : code
        }
        return (response, request.wanted == .status ? [] : body)
    }
}
