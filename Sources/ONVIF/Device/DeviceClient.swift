import HTTP
import System
import Text

/// Asks one device's services. Blocks; one thread uses it.
final class DeviceClient {
    /// How long, and until whose word, a device is asked.
    struct Limits {
        let deadline: Instant
        /// For reaching the device.
        let connecting: Duration
        let isCancelled: () -> Bool
    }

    /// The largest answer that is read, in bytes. A device with 30 profiles sends a tenth of it.
    private static let answerLimit = 1 << 20
    /// The most profiles that are considered.
    private static let profileLimit = 32

    let address: CameraAddress
    private let limits: Limits
    private let transfer: HTTPTransfer
    /// Our time when the device's clock was read, and what it showed.
    private var clock: (ours: Instant, device: UTCTime)?
    /// Whether the device demanded HTTP's digest authentication.
    private var demandsDigest = false
    /// The address that the last answer came from.
    private(set) var peer: String?

    init(_ address: CameraAddress, limits: Limits) throws(CameraError) {
        guard let transfer = HTTPTransfer(agent: "watchword", stallSeconds: 30, headers: []) else {
            throw CameraError(.network, "libcurl cannot be set up: out of memory?")
        }
        self.address = address
        self.limits = limits
        self.transfer = transfer
    }

    // MARK: - What the device has

    /// The profiles with video, and the service that gave them.
    struct Media {
        let service: DeviceRequest.Service
        let url: String
        let profiles: [MediaProfile]
    }

    /// - Throws: `CameraError`; `.noStream` if no profile has video.
    func media() throws(CameraError) -> Media {
        // A device that does not give its time is assumed to have the right one.
        if address.login != nil,
            case .response(let response)? = try optional(.dateAndTime, address.service, withLogin: false)
        {
            clock = DeviceClock.time(response).map { (Instant.now, $0) }
        }
        let services = try mediaServices()
        var failure: CameraError?
        for (service, url) in services {
            do throws(CameraError) {
                let response = try ask(.profiles(service), url)
                let profiles = response.children("Profiles").prefix(Self.profileLimit).compactMap(MediaProfile.init)
                if !profiles.isEmpty { return Media(service: service, url: url, profiles: profiles) }
            } catch {
                guard error.code == .unexpected else { throw error }
                failure = error
            }
        }
        if let failure { throw failure }
        throw CameraError(.noStream, "\(address.place): the device has no profile with video; make one in its settings")
    }

    /// The addresses of the media services, the newer one first.
    private func mediaServices() throws(CameraError) -> [(DeviceRequest.Service, String)] {
        var found: [(DeviceRequest.Service, String)] = []
        if case .response(let response) = try answer(.services, address.service) {
            for service in [DeviceRequest.Service.media2, .media] {
                let entry = response.children("Service").first { $0.child("Namespace")?.text == service.rawValue }
                if let url = entry?.child("XAddr").flatMap({ address.service(at: $0.text) }) {
                    found.append((service, url))
                }
            }
        }
        if found.isEmpty {
            let media = try ask(.capabilities, address.service).element("Capabilities", "Media", "XAddr")
            if let url = media.flatMap({ address.service(at: $0.text) }) { found.append((.media, url)) }
        }
        guard !found.isEmpty else {
            throw CameraError(.noStream, "\(address.place): the device has no media service, so it is no camera")
        }
        return found
    }

    /// The RTSP URL of a profile, at the device's host, without a login.
    func stream(of profile: MediaProfile, _ media: Media) throws(CameraError) -> String {
        let response = try ask(.streamURI(media.service, profile: profile.token), media.url)
        let text = (response.element("MediaUri", "Uri") ?? response.child("Uri"))?.text ?? ""
        guard let parts = URLParts(text), ["rtsp", "rtsps"].contains(parts.scheme) else {
            throw CameraError(
                .noStream,
                "\(address.place): the address of its profile \(profile.name) is not an RTSP URL"
            )
        }
        let port = parts.port.map { ":\($0)" } ?? ""
        let query = parts.query.map { "?" + $0.uriSafe() } ?? ""
        return "\(parts.scheme)://\(address.host)\(port)\(parts.path.uriSafe())\(query)"
    }

    /// The identity that the device announces itself with in discovery; nil if it does not say.
    func endpointReference() throws(CameraError) -> EndpointReference? {
        guard case .response(let response)? = try optional(.endpointReference, address.service, withLogin: true) else {
            return nil
        }
        return EndpointReference(response.child("GUID")?.text ?? "")
    }

    // MARK: - Requests

    /// The response; a fault is an error.
    private func ask(_ request: DeviceRequest, _ url: String) throws(CameraError) -> XMLElement {
        switch try answer(request, url) {
        case .response(let response): return response
        case .fault(let fault):
            let reason = fault.reason.isEmpty ? fault.code : fault.reason
            throw CameraError(
                .unexpected,
                "\(address.place): the device refuses \(request.name): \(reason); check the rights of its ONVIF user"
            )
        }
    }

    /// Nil if the device does not give a usable answer. That it cannot be reached is an error.
    private func optional(
        _ request: DeviceRequest,
        _ url: String,
        withLogin: Bool
    ) throws(CameraError) -> SOAPMessage.Answer? {
        do throws(CameraError) {
            return try answer(request, url, withLogin: withLogin)
        } catch {
            guard error.code == .unexpected || error.code == .unauthorized else { throw error }
            return nil
        }
    }

    private func answer(
        _ request: DeviceRequest,
        _ url: String,
        withLogin: Bool = true
    ) throws(CameraError) -> SOAPMessage.Answer {
        let login = withLogin ? address.login : nil
        var (response, body) = try send(request, url, login)
        if response.status == 401, login != nil, !demandsDigest {
            demandsDigest = true
            (response, body) = try send(request, url, login)
        }
        switch response.status {
        case 401: throw refusedLogin
        case 300..<400:
            throw CameraError(
                .unexpected,
                "\(address.place): the device redirects elsewhere, which is refused; write the port and path of its ONVIF service"
            )
        default: break
        }
        let answer: SOAPMessage.Answer
        do throws(XMLFault) {
            answer = try SOAPMessage.answer(body, named: request.responseName)
        } catch {
            let status = (200..<300).contains(response.status) ? "" : " (HTTP status \(response.status))"
            throw CameraError(
                .unexpected,
                "\(address.place): the answer to \(request.name)\(status) \(error.reason); is this the port of ONVIF, "
                    + "and is ONVIF switched on?"
            )
        }
        if withLogin, case .fault(let fault) = answer, fault.isRefusedLogin { throw refusedLogin }
        return answer
    }

    private func send(
        _ request: DeviceRequest,
        _ url: String,
        _ login: CameraLogin?
    ) throws(CameraError) -> (HTTPTransfer.Response, [UInt8]) {
        let left = limits.deadline - Instant.now
        guard left > .zero else { throw timedOut }
        // Digest authentication replaces the header: a device need not understand both.
        let token = demandsDigest ? nil : login.map { UsernameToken($0, at: deviceTime) }
        var post = HTTPTransfer.Post(
            url: url,
            contentType: "application/soap+xml; charset=utf-8; action=\"\(request.action)\"",
            body: Array(SOAPMessage.envelope(header: token?.xml ?? "", body: request.body).utf8),
            limit: Self.answerLimit
        )
        if demandsDigest { post.login = login.map { .init(user: $0.user, password: $0.password) } }
        do throws(HTTPTransfer.Failure) {
            let answer = try transfer.post(
                post,
                timeout: left,
                connecting: min(left, limits.connecting),
                isCancelled: limits.isCancelled
            )
            peer = answer.response.peer
            return answer
        } catch {
            switch error.kind {
            case .cancelled: throw CameraError(.cancelled, "asking \(address.place) was cancelled")
            case .receiver:
                throw CameraError(.unexpected, "\(address.place): the answer to \(request.name) is larger than 1 MiB")
            case .timedOut: throw timedOut
            case .connection, .unsafe, .rangeRefused:
                throw CameraError(
                    error.kind == .unsafe ? .unexpected : .unreachable,
                    "\(address.place): \(error.reason); check the address and port of its ONVIF service"
                )
            }
        }
    }

    /// Now, by the device's clock.
    private var deviceTime: UTCTime {
        guard let clock else { return WallClock.now }
        return clock.device + (Instant.now - clock.ours)
    }

    private var timedOut: CameraError {
        CameraError(
            .unreachable,
            "\(address.place): no answer in time; check that it is up and reachable, and its ONVIF port"
        )
    }

    private var refusedLogin: CameraError {
        address.login == nil
            ? CameraError(.unauthorized, "\(address.place): the device demands a user name and password")
            : CameraError(
                .unauthorized,
                "\(address.place): the device refuses the user name and password; many cameras keep a user list of its own "
                    + "for ONVIF: add the user there"
            )
    }
}
