import Text

/// Why a request fails: a status and a text for its sender.
struct HTTPFault: Error, Equatable {
    var status: Int
    /// The code, for programs.
    var code: String
    /// The cause and the remedy, for people.
    var message: String
    /// Fields that belong to the status, such as `Allow`.
    var headers: [HTTPResponse.Header] = []
    /// Whether the connection may carry another request. False once it is unclear where that would begin.
    var keepsAlive = false

    static func malformed(_ what: String) -> HTTPFault {
        HTTPFault(status: 400, code: "bad_request", message: what)
    }

    /// A well-formed request with a parameter that cannot be used.
    static func badParameter(_ what: String) -> HTTPFault {
        HTTPFault(status: 400, code: "bad_parameter", message: what, keepsAlive: true)
    }

    static func notFound(_ what: String) -> HTTPFault {
        HTTPFault(status: 404, code: "not_found", message: what, keepsAlive: true)
    }

    static func unavailable(_ what: String) -> HTTPFault {
        let again = HTTPResponse.Header("Retry-After", "1")
        return HTTPFault(status: 503, code: "unavailable", message: what, headers: [again], keepsAlive: true)
    }

    static func forbidden(_ what: String, status: Int = 403) -> HTTPFault {
        HTTPFault(status: status, code: "forbidden", message: what)
    }

    var response: HTTPResponse {
        var error = JSONLine()
        error.add("code", code)
        error.add("message", message)
        var body = JSONLine()
        body.add("error", error)
        var response = HTTPResponse.json(body, status: status)
        response.headers += headers
        response.closes = !keepsAlive
        return response
    }
}
