import Glibc
import Synchronization
import System

/// Serves pages, pictures and events over HTTP. One thread accepts connections, and each connection has a thread that
/// may block, so that a slow client holds up only its own thread.
package final class WebServer: Sendable {
    private enum Phase {
        case idle
        case running(NamedThread, ListeningPlace)
        case stopped
    }

    private let settings: WebSettings
    private let router: Router
    private let limits: WebLimits
    private let connections: OpenConnections
    private let phase = Mutex(Phase.idle)

    package init(_ settings: WebSettings, sources: WebSources, limits: WebLimits = WebLimits()) {
        self.settings = settings
        self.limits = limits
        connections = OpenConnections(limits: limits)
        router = Router(settings: settings, sources: sources)
    }

    /// The threads of ended connections count until they are over.
    var connectionCount: Int { connections.count }

    /// Listens and starts. After a failure it may be called again.
    ///
    /// - Throws: `WebFeedError` if it cannot listen on the address.
    package func start() throws(WebFeedError) {
        let failure: WebFeedError? = phase.withLock { phase in
            guard case .idle = phase else { return nil }
            do throws(WebFeedError) {
                let place = ListeningPlace(try Socket(listeningOn: settings.listen))
                switch NamedThread.start("http", { self.accept(on: place) }) {
                case .success(let thread): phase = .running(thread, place)
                case .failure(let error): throw .system("start a thread for", settings.listen, errno: error.number)
                }
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// Ends all connections, and waits for their threads for at most `limits.farewell`.
    package func stop() {
        let last = phase.withLock { phase in
            defer { phase = .stopped }
            return phase
        }
        connections.stop()
        if case .running(let thread, let place) = last {
            Socket.end(place.socket.raw)
            thread.join()
        }
        let deadline = Instant.now + limits.farewell
        while connectionCount > 0, Instant.now < deadline { MonotonicTime.sleep(for: .milliseconds(5)) }
    }

    /// Holds the listening socket for the thread that accepts connections and the one that stops it.
    private final class ListeningPlace: Sendable {
        let socket: Socket
        init(_ socket: consuming Socket) { self.socket = socket }
    }

    private func accept(on place: ListeningPlace) {
        while !connections.isStopping {
            let raw = Glibc.accept(place.socket.raw, nil, nil)
            guard raw >= 0 else {
                // Descriptors or memory may be free again in a moment; other errors concern one connection.
                if errno != EINTR { MonotonicTime.sleep(for: .milliseconds(20)) }
                continue
            }
            let descriptor = Descriptor(Socket(owning: raw))
            _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
            let peer = Socket.peer(of: raw)
            let admission = connections.add(raw, from: peer)
            guard DescriptorLimit.leavesReserve(raw), admission != .refused else {
                if admission != .refused { connections.remove(raw) }
                refuse(descriptor)
                continue
            }
            let started = NamedThread.start("http-client") { self.serve(descriptor, from: peer, admission) }
            switch started {
            case .success(let thread): thread.detach()
            case .failure: connections.remove(raw)
            }
        }
    }

    /// Moves a socket to another thread, which is then its only user.
    private final class Descriptor: Sendable {
        private let socket: Mutex<Int32?>

        init(_ socket: consuming Socket) {
            self.socket = Mutex(socket.release())
        }

        /// The socket, once.
        func take() -> Socket? {
            socket.withLock { raw in
                defer { raw = nil }
                return raw.map { Socket(owning: $0) }
            }
        }

        deinit {
            if let raw = socket.withLock({ $0 }) { close(raw) }
        }
    }

    /// Answers that there are too many connections, in one write that fits the system's buffer and does not wait.
    private func refuse(_ descriptor: Descriptor) {
        guard let socket = descriptor.take() else { return }
        let bytes = bytes(of: HTTPFault.tooMany.response)
        send(socket.raw, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }

    private func serve(_ descriptor: Descriptor, from peer: String, _ admission: OpenConnections.Admission) {
        // Recognition has priority if the processor is busy.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5)
        guard let socket = descriptor.take() else { return }
        let raw = socket.raw
        var limits = limits
        if admission == .reserved { (limits.headTime, limits.idleTime) = (limits.reservedTime, limits.reservedTime) }
        var connection = ClientConnection(socket, limits: limits)
        answerAll(&connection, raw, from: peer, isReserved: admission == .reserved)
        connections.remove(raw)
    }

    private func answerAll(_ connection: inout ClientConnection, _ raw: Int32, from peer: String, isReserved: Bool) {
        do {
            while !connections.isStopping {
                let head: RequestHead
                do throws(HTTPFault) {
                    guard let next = try connection.nextHead(), connections.begin(raw) else { return }
                    head = next
                } catch {
                    try connection.write(bytes(of: error.response))
                    return connection.linger()
                }
                let answer: Router.Answer
                do throws(HTTPFault) {
                    if isReserved, !router.mustGetThrough(head) { throw .tooMany }
                    answer = try router.answer(head)
                } catch {
                    answer = .response(error.response)
                }
                guard case .response(var response) = answer else {
                    if case .events(let request) = answer {
                        try stream(request, to: &connection, from: peer, isHead: head.isHead)
                    }
                    return
                }
                response.closes = response.closes || !head.keepsAlive || isReserved
                try connection.write(bytes(of: response, toHead: head.isHead))
                // While it lingers it may be ended for another, as one that waits for a request.
                connections.finish(raw)
                if response.closes { return connection.linger() }
            }
        } catch {
            // The client has closed the connection, or does not read.
        }
    }

    private func bytes(of response: HTTPResponse, toHead: Bool = false) -> [UInt8] {
        response.bytes(toHead: toHead, framedBy: settings.frameAncestors)
    }

    private func stream(
        _ request: EventStream.Request,
        to connection: inout ClientConnection,
        from peer: String,
        isHead: Bool
    ) throws {
        guard connections.addStream(from: peer) else {
            try connection.write(bytes(of: HTTPFault.tooMany.response, toHead: isHead))
            return connection.linger()
        }
        defer { connections.removeStream(from: peer) }
        var stream: EventStream
        do throws(HTTPFault) {
            stream = try EventStream(request, from: router.sources.connect)
        } catch {
            try connection.write(bytes(of: error.response, toHead: isHead))
            return connection.linger()
        }
        try connection.write(HTTPResponse.endlessHead(framedBy: settings.frameAncestors))
        if isHead { return connection.linger() }
        var quiet = Instant.now
        while !connections.isStopping {
            switch stream.next(within: .seconds(1)) {
            case .message(let bytes):
                try connection.write(bytes)
                quiet = Instant.now
            case .nothing:
                guard Instant.now - quiet >= limits.heartbeat else { break }
                try connection.write(Array(": alive\n\n".utf8))
                quiet = Instant.now
            case .ended: return
            }
            if connection.hasEnded() { return }
        }
    }
}

extension HTTPFault {
    fileprivate static var tooMany: HTTPFault {
        var fault = HTTPFault.unavailable("there are too many connections: close some, or try again")
        fault.keepsAlive = false
        return fault
    }
}
