import System
import Text

/// The streams of cameras that `onvif://` URLs name.
package enum CameraStreams {
    /// How long a camera that is known to announce itself may keep its old address silent before it is searched for.
    private static let connecting = Duration.seconds(4)
    /// How long a search for one camera takes. Devices answer within half a second, if the question arrives.
    private static let searching = Duration.seconds(3)

    /// Searches for a device, for a time; nil if it does not answer.
    typealias Search = (Duration, (FoundDevice) -> Bool) -> FoundDevice?

    /// The URL of the stream to open, with the login: `url` itself unless it is an `onvif://` URL. Blocks.
    ///
    /// Asks the camera anew each time, so that a stream whose address has changed is followed. If the camera does not answer
    /// any more, it is searched for on the local networks, by the identity that it has given before.
    ///
    /// - Parameters:
    ///   - shortSide: the pixels that the model needs on the shorter side of the picture.
    ///   - time: for all of it.
    ///   - isCancelled: read many times a second.
    /// - Throws: `CameraError`.
    package static func resolve(
        _ url: String,
        shortSide: Int,
        within time: Duration,
        isCancelled: () -> Bool
    ) throws(CameraError) -> String {
        guard CameraAddress.isCamera(url) else { return url }
        guard let address = CameraAddress(url) else {
            throw CameraError(
                .unexpected,
                "the URL is not a camera's address; write it like onvif://USER:PASSWORD@HOST"
            )
        }
        return try withoutActuallyEscaping(isCancelled) { isCancelled throws(CameraError) in
            let request = Request(
                address: address,
                shortSide: shortSide,
                deadline: Instant.now + time,
                isCancelled: isCancelled,
                memory: .shared
            )
            return try request.stream { time, isWanted in
                // A camera that hears IPv6 need not serve it, so that an answer by IPv4 is waited for.
                let outcome = try? NetworkSearch.run(for: time, isCancelled: isCancelled) { isWanted($0) && !$0.isIPv6 }
                return outcome?.devices.first(where: isWanted)
            }
        }
    }

    /// One resolution of an address.
    struct Request {
        let address: CameraAddress
        let shortSide: Int
        let deadline: Instant
        let isCancelled: () -> Bool
        let memory: CameraMemory

        func stream(_ search: Search) throws(CameraError) -> String {
            let known = memory[address]
            let place = known?.moved ?? address
            do throws(CameraError) {
                return try ask(place, search)
            } catch {
                // Another device may answer at the old address by now, and know neither the user nor ONVIF.
                guard error.code != .cancelled, error.code != .noStream, let endpoint = known?.endpoint else {
                    throw error
                }
                let time = min(deadline - Instant.now, CameraStreams.searching)
                let device = search(time) { $0.endpoint == endpoint }
                // Where no search reaches the camera, it may have moved back.
                guard var found = device?.address ?? known?.moved.map({ _ in address }) else { throw error }
                found.login = address.login
                guard found != place else { throw error }
                let url = try ask(found, search)
                memory[address] = CameraMemory.Entry(endpoint: endpoint, moved: found == address ? nil : found)
                return url
            }
        }

        private func ask(_ place: CameraAddress, _ search: Search) throws(CameraError) -> String {
            let isKnown = memory[address]?.endpoint != nil
            let limits = DeviceClient.Limits(
                deadline: deadline,
                connecting: isKnown ? CameraStreams.connecting : deadline - Instant.now,
                isCancelled: isCancelled
            )
            let client = try DeviceClient(place, limits: limits)
            let media = try client.media()
            guard let profile = MediaProfile.ranked(media.profiles, shortSide: shortSide).first else {
                throw CameraError(.noStream, "\(place.place): the device has no profile with video")
            }
            let url = try client.stream(of: profile, media)
            // What did not say who it is is asked again at the next connection: its answer may have been lost.
            if memory[address]?.endpoint == nil {
                memory[address] = CameraMemory.Entry(endpoint: identity(client, search))
            }
            return url.with(place.login)
        }

        /// From the device itself, or else from what it announces.
        private func identity(_ client: DeviceClient, _ search: Search) -> EndpointReference? {
            if let endpoint = try? client.endpointReference() { return endpoint }
            guard let peer = client.peer else { return nil }
            let host = peer.contains(":") ? "[\(peer)]" : peer
            return search(.seconds(1)) { $0.isAt(host: host, port: client.address.port) }?.endpoint
        }
    }
}

extension String {
    /// A stream's URL with the login in it.
    func with(_ login: CameraLogin?) -> String {
        guard let login else { return self }
        return with(user: login.user, password: login.password.percentEncoded())
    }

    /// - Parameter password: as the URL is to hold it.
    func with(user: String, password: String) -> String {
        guard let mark = firstRange(of: "://") else { return self }
        return self[..<mark.upperBound] + "\(user.percentEncoded()):\(password)@" + self[mark.upperBound...]
    }
}
