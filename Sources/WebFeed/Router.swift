import Text

/// Answers requests. Nothing is served from the file system: a path names a stream, an event or a file that was
/// compiled in.
struct Router: Sendable {
    enum Answer {
        case response(HTTPResponse)
        case events(EventStream.Request)
    }

    let sources: WebSources
    private let settings: WebSettings
    private let access: Access

    init(settings: WebSettings, sources: WebSources) {
        self.sources = sources
        self.settings = settings
        access = Access(settings)
    }

    /// Whether the request is answered even if there are too many connections.
    func mustGetThrough(_ head: RequestHead) -> Bool {
        let head = head.below(settings.path)
        return [["healthz"], ["readyz"]].contains(head.target.path) || access.hasToken(head)
    }

    /// - Throws: `HTTPFault` for a request that gets no other answer.
    func answer(_ given: RequestHead) throws(HTTPFault) -> Answer {
        let head = given.below(settings.path)
        try access.checkOrigin(head)
        // Relative addresses need the slash at the end.
        if !settings.path.parts.isEmpty, given.target.path == settings.path.parts {
            let place = (settings.path.parts.last ?? "") + "/" + given.target.queryText
            return .response(HTTPResponse(status: 308, headers: [.init("Location", place)]))
        }
        // The daemon's health is not secret, nor are the files of the page that asks for the token.
        switch head.target.path {
        case ["healthz"]: return .response(.json(Self.health("ok")))
        case ["readyz"]: return .response(try readiness())
        default: break
        }
        let file = head.target.path.count < 2 ? PageFile(rawValue: head.target.path.first ?? "") : nil
        if let file, file.isOpen { return .response(file.response()) }
        if head.target.path.isEmpty, let given = head.target["token"].first, access.isToken(given) {
            return .response(enter(with: given, head))
        }
        let path = head.target.path
        if Self.isPicture(path), access.opensPicture(head, of: path[3]) { return .response(try picture(path[3])) }
        guard access.isLetIn(head) else {
            guard head.target.path.isEmpty else { throw Self.isPicture(path) ? .unauthorizedPicture : .unauthorized }
            return .response(PageFile.entrance(afterWrongToken: !head.target["token"].isEmpty))
        }
        if file == .description { return .response(.content("application/json", description(for: head))) }
        if let file, file != .entrance { return .response(file.response()) }
        return try answerKnown(head)
    }

    private func answerKnown(_ head: RequestHead) throws(HTTPFault) -> Answer {
        let target = head.target
        switch target.path {
        case ["metrics"]:
            guard let metrics = sources.metrics else { throw .notFound("there are no metrics") }
            let type = "text/plain; version=0.0.4; charset=utf-8"
            return .response(.content(type, Array(metrics().utf8)))
        case ["api", "v1", "streams"]: return .response(.json(sources.streams()))
        case ["api", "v1", "events"]:
            return .response(.json(try EventList(EventList.Query(target), from: sources.connect).line))
        case ["api", "v1", "events", "stream"]: return .events(try EventStream.Request(head))
        case let path where Self.isPicture(path): return .response(try picture(path[3]))
        case let path where path.count == 5 && path.starts(with: ["api", "v1", "events"]):
            return .response(try keepsake(path[4], of: path[3]))
        default: throw .unknownPath
        }
    }

    private func keepsake(_ name: String, of event: String) throws(HTTPFault) -> HTTPResponse {
        let kind: (keepsake: WebSources.Keepsake, type: String)
        switch name {
        case "picture.jpg": kind = (.picture, "image/jpeg")
        case "clip.mp4": kind = (.clip, "video/mp4")
        default: throw .unknownPath
        }
        guard let bytes = sources.keepsake(event, kind.keepsake) else {
            throw .notFound("no such file is kept of this event, or it is not written yet")
        }
        return .content(kind.type, bytes)
    }

    private func picture(_ stream: String) throws(HTTPFault) -> HTTPResponse {
        switch sources.picture(stream) {
        case .jpeg(let bytes, let taken):
            var response = HTTPResponse.content("image/jpeg", bytes)
            response.headers.append(.init("X-Taken", taken.description))
            return response
        case .opening:
            // No fault: a browser would log one for each stream of a daemon that has just started.
            var response = HTTPResponse.json(Self.health("opening"), status: 202)
            response.headers.append(.init("Retry-After", "1"))
            return response
        case .none(let reason): throw .unavailable(reason)
        case .noSuchStream: throw .notFound("unknown stream: /api/v1/streams lists their names")
        }
    }

    private static func isPicture(_ path: [String]) -> Bool {
        path.count == 5 && path.starts(with: ["api", "v1", "streams"]) && path[4] == "frame.jpg"
    }

    /// The API's description, with the path below which the client sees the server.
    private func description(for head: RequestHead) -> [UInt8] {
        let text = String(decoding: PageFile.description.response().body, as: UTF8.self)
        let path = head.forwardedPath ?? settings.path
        return Array(text.replacing(#""url": "/""#, with: #""url": "\#(path)""#, maxReplacements: 1).utf8)
    }

    private func readiness() throws(HTTPFault) -> HTTPResponse {
        if let reason = sources.unreadiness() { throw .unavailable(reason) }
        return .json(Self.health("ready"))
    }

    private static func health(_ word: String) -> JSONLine {
        var line = JSONLine()
        line.add("status", word)
        return line
    }

    /// The browser keeps the token as a cookie that scripts cannot read, and goes to the address without it. It takes the
    /// cookie's path from the address, and resolves the new address by it, whatever path a proxy has put before.
    private func enter(with token: String, _ head: RequestHead) -> HTTPResponse {
        // In another site's frame a browser sends only a cookie that says so, over TLS.
        let isFramed = !settings.frameAncestors.isEmpty && head["x-forwarded-proto"] == "https"
        let site = isFramed ? "SameSite=None; Secure; Partitioned" : "SameSite=Lax"
        let cookie = "\(Access.cookie)=\(token); HttpOnly; \(site)"
        return HTTPResponse(status: 303, headers: [.init("Location", "./"), .init("Set-Cookie", cookie)])
    }
}

extension RequestHead {
    /// The request as it would be without the path of a proxy.
    fileprivate func below(_ path: URLPath) -> RequestHead {
        guard !path.parts.isEmpty, target.path.starts(with: path.parts) else { return self }
        var head = self
        let rest = Array(target.path.dropFirst(path.parts.count))
        head.target.path = rest == [""] ? [] : rest
        return head
    }

    /// The path that a proxy says it has taken away: Traefik's and others' field, or Home Assistant's. Nil for none, and
    /// for one that cannot be part of an address.
    fileprivate var forwardedPath: URLPath? {
        (self["x-forwarded-prefix"] ?? self["x-ingress-path"]).flatMap { URLPath($0) }
    }
}

extension HTTPFault {
    fileprivate static var unknownPath: HTTPFault {
        .notFound("there is nothing at this path: /openapi.json lists the paths")
    }

    fileprivate static var unauthorized: HTTPFault {
        let wanted = HTTPResponse.Header("WWW-Authenticate", "Bearer realm=\"watchword\"")
        let message = "a token is required, as Authorization: Bearer TOKEN"
        return HTTPFault(status: 401, code: "unauthorized", message: message, headers: [wanted], keepsAlive: true)
    }

    /// Programs that show pictures know passwords only, and some wait to be asked.
    fileprivate static var unauthorizedPicture: HTTPFault {
        var fault = unauthorized
        fault.headers.append(.init("WWW-Authenticate", "Basic realm=\"watchword\", charset=\"UTF-8\""))
        fault.message = "the token is required, as the password of Basic or as Bearer; or the picture's key"
        return fault
    }
}
