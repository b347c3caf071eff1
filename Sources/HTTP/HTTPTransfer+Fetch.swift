internal import CCurl
import System

extension HTTPTransfer {
    /// A GET request to a device whose answer is small. The URL may hold a user name and a password, for Basic or Digest.
    package struct Fetch {
        package var url: String
        /// As "Name: value".
        package var headers: [String] = []
        /// Whether the server's certificate must be valid for its name.
        package var verifiesServer = true
        /// A PEM file of the authorities to trust; nil for the system's.
        package var authorities: String?
        /// The largest answer, in bytes.
        package var limit: Int

        package init(url: String, limit: Int) {
            self.url = url
            self.limit = limit
        }
    }

    /// Sends the request on a connection that is kept for the next. Redirects are followed.
    ///
    /// - Parameters:
    ///   - request: what to fetch.
    ///   - timeout: for all of it.
    ///   - isCancelled: read many times a second.
    /// - Returns: the response and its body, also that of an error.
    package func fetch(
        _ request: Fetch,
        timeout: Duration,
        isCancelled: () -> Bool
    ) throws(Failure) -> (response: Response, body: [UInt8]) {
        prepare(request.url)
        ccurl_set_long(handle, CURLOPT_TIMEOUT_MS, max(1, Int(timeout.milliseconds)))
        ccurl_set_long(handle, CURLOPT_FOLLOWLOCATION, 1)
        ccurl_set_long(handle, CURLOPT_MAXREDIRS, 10)
        ccurl_set_any_login(handle)
        if !request.verifiesServer {
            ccurl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 0)
            ccurl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 0)
        }
        if let authorities = request.authorities { ccurl_set_string(handle, CURLOPT_CAINFO, authorities) }
        var headers: UnsafeMutablePointer<curl_slist>?
        for header in request.headers { headers = curl_slist_append(headers, header) }
        defer { curl_slist_free_all(headers) }
        ccurl_set_headers(handle, headers)

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
