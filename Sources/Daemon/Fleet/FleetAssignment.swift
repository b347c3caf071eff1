import Fleet

/// What this host is to watch for the fleet, as its member's notices add up. Pure.
struct FleetAssignment: Equatable, Sendable {
    struct Configuration: Equatable, Sendable {
        var text: String
        var revision: UInt64
    }

    /// The fleet's configuration; nil until one has come.
    private(set) var configuration: Configuration?
    /// The cameras that this host has, with the epochs of their claims.
    private(set) var claims: [String: UInt64] = [:]
    /// The cameras whose windows are to be filled before this host claims them.
    private(set) var prepared: Set<String> = []

    /// The names of the cameras that are to run, whether or not their events are reported yet.
    var cameras: Set<String> { prepared.union(claims.keys) }

    /// Takes a notice.
    ///
    /// - Returns: whether anything is to be done about it.
    mutating func take(_ notice: FleetMember.Notice) -> Bool {
        let before = self
        switch notice {
        case .configuration(let text, let revision):
            configuration = Configuration(text: text, revision: revision)
        case .prepare(let camera, _): prepared.insert(camera)
        case .abandon(let camera): prepared.remove(camera)
        case .start(let camera, let epoch, _):
            prepared.remove(camera)
            claims[camera] = epoch
        case .stop(let camera, _): claims[camera] = nil
        case .connected, .draining, .trouble, .late, .refused, .ended, .deliver, .sameName: break
        }
        return self != before
    }

    /// The cameras that run on, but not under the claim that they had: another host had them in between, or will have them,
    /// so their events end.
    func reclaimed(since earlier: FleetAssignment) -> Set<String> {
        Set(earlier.claims.filter { claims[$0.key] != $0.value }.keys).intersection(cameras)
    }
}
