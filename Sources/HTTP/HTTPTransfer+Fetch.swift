internal import CCurl
import System

extension HTTPTransfer {
    /// A GET request to a device. The URL may hold a user name and a password, for Basic or Digest.
    package struct Fetch {
        package var url: String
        /// As "Name: value". Where the URL's server redirects to another one, that gets none of them.
        package var headers: [String] = []
        /// Further headers, which hold no secret and go to every server.
        package var conditions: [String] = []
        /// Whether the server's certificate must be valid for its name.
        package var verifiesServer = true
        /// A PEM file of the authorities to trust; nil for the system's.
        package var authorities: String?
        /// The largest answer of `fetch`, in bytes.
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
        let deadline = Instant.now + timeout
        var place = FollowedURL(request.url)
        while true {
            let headers = prepare(request, at: place)
            defer { curl_slist_free_all(headers) }
            ccurl_set_long(handle, CURLOPT_TIMEOUT_MS, max(1, Int((deadline - Instant.now).milliseconds)))
            var body: [UInt8] = []
            let receiver = Receiver { bytes in
                guard body.count + bytes.count <= request.limit else { return false }
                body.append(contentsOf: bytes)
                return true
            }
            defer { withExtendedLifetime(receiver) {} }
            hand(over: receiver)
            let response = try perform { _ in transfer(isCancelled) }
            guard let target = response.redirect else { return (response, body) }
            try place.follow(target)
        }
    }

    /// Prepares the request at the place that redirections have led to.
    ///
    /// - Returns: the list of headers, which the caller frees after the transfer.
    func prepare(_ request: Fetch, at place: FollowedURL) -> UnsafeMutablePointer<curl_slist>? {
        prepare(place.url)
        ccurl_set_any_login(handle)
        if !request.verifiesServer {
            ccurl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 0)
            ccurl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 0)
        }
        if let authorities = request.authorities { ccurl_set_string(handle, CURLOPT_CAINFO, authorities) }
        var headers: UnsafeMutablePointer<curl_slist>?
        for header in request.conditions + (place.isAtFirstServer ? request.headers : []) {
            headers = curl_slist_append(headers, header)
        }
        ccurl_set_headers(handle, headers)
        return headers
    }
}
