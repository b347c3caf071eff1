internal import CCurl
import System

extension HTTPTransfer {
    /// A POST request to a server that is not trusted: it has one time limit, and its answer a size.
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

        package let url: String
        package let contentType: String
        package let body: String
        /// Nil sends the request without authentication.
        package let login: Login?
        /// The largest answer, in bytes.
        package let limit: Int

        package init(url: String, contentType: String, body: String, login: Login?, limit: Int) {
            self.url = url
            self.contentType = contentType
            self.body = body
            self.login = login
            self.limit = limit
        }
    }

    /// Sends the request past all proxies, and follows no redirect.
    ///
    /// - Parameters:
    ///   - timeout: for all of it.
    ///   - connecting: for reaching the server.
    ///   - isCancelled: read many times a second.
    /// - Returns: the response and its body, also that of an error.
    package func post(
        _ request: Post,
        timeout: Duration,
        connecting: Duration,
        isCancelled: () -> Bool
    ) throws(Failure) -> (response: Response, body: [UInt8]) {
        prepare(request.url)
        ccurl_set_string(handle, CURLOPT_NOPROXY, "*")
        ccurl_set_long(handle, CURLOPT_TIMEOUT_MS, max(1, Int(timeout.milliseconds)))
        ccurl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(connecting.milliseconds)))
        ccurl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.utf8.count))
        ccurl_set_string(handle, CURLOPT_COPYPOSTFIELDS, request.body)
        // Small devices do not know the Expect header that libcurl sends before a large body.
        var headers = curl_slist_append(nil, "Content-Type: \(request.contentType)")
        headers = curl_slist_append(headers, "Expect:")
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
        let response = try perform { _ in transfer(isCancelled) }
        return (response, body)
    }
}
