/// Which camera is whose: a pure function that every host computes from the same inputs. No clock, no chance.
///
/// Cameras stay where they are; free ones go to the host with the least load by its capacity; then cameras move from the
/// most loaded host until the imbalance is small.
package struct Placement: Sendable, Equatable {
    /// A host that may watch.
    package struct Host: Sendable, Equatable {
        package var name: String
        /// The frames per second that it recognises at most.
        package var capacity: Double
        /// Keeps its cameras until others have taken them, and takes none.
        package var isDraining: Bool
        /// Keeps its cameras, and takes none.
        package var isClosed: Bool
        /// The digests of the models that it has.
        package var models: Set<String>

        package init(
            name: String,
            capacity: Double,
            isDraining: Bool = false,
            isClosed: Bool = false,
            models: Set<String> = []
        ) {
            self.name = name
            self.capacity = capacity
            self.isDraining = isDraining
            self.isClosed = isClosed
            self.models = models
        }
    }

    /// What is to be watched.
    package struct Camera: Sendable, Equatable {
        package var name: String
        /// Its frames per second.
        package var load: Double
        /// The digest of the model that it needs; nil for any.
        package var model: String?

        package init(name: String, load: Double, model: String? = nil) {
            self.name = name
            self.load = load
            self.model = model
        }

        /// What the host does that delivers the records for the whole fleet. It is claimed as a camera is, and costs nothing
        /// that the plan counts. No stream can have its name.
        package static let deliveries = Camera(name: "=deliveries", load: 0)
    }

    /// The largest load of a host, divided by the mean, that moves no camera.
    private static let tolerance = 1.05

    /// The host of each camera. A camera that no host can take is missing.
    package private(set) var hosts: [String: String] = [:]

    /// Plans.
    ///
    /// - Parameters:
    ///   - cameras: all of them.
    ///   - living: the hosts that are alive.
    ///   - claims: the present host of each camera, alive or not.
    ///   - places: the hosts that the operator has given cameras to. Such a camera stays there as long as that host is alive
    ///     and can take it.
    package init(_ cameras: [Camera], on living: [Host], claims: [String: String], places: [String: String] = [:]) {
        let hosts = living.filter { $0.capacity > 0 && $0.capacity.isFinite }.sorted { $0.name < $1.name }
        var loads = HostLoads(hosts)
        var free: [Camera] = []
        for camera in cameras.sorted(by: { $0.name < $1.name }) {
            let present = claims[camera.name].flatMap { loads.index[$0] }
            if let host = places[camera.name].flatMap({ loads.index[$0] }), loads.canTake(camera, host, from: present) {
                loads.add(camera, to: host, isFixed: true)
            } else if let present, loads.canTake(camera, present, from: present) {
                loads.add(camera, to: present)
            } else {
                free.append(camera)
            }
        }
        for camera in free.sorted(by: { $0.load > $1.load }) {
            if let host = loads.least(for: camera) {
                loads.add(camera, to: host)
            } else if let host = claims[camera.name], living.contains(where: { $0.name == host }) {
                // No other host can take it, so the present one keeps it, such as one that drains.
                self.hosts[camera.name] = host
            }
        }
        loads.level(to: Self.tolerance)
        for (host, cameras) in zip(hosts, loads.cameras) {
            for camera in cameras { self.hosts[camera.name] = host.name }
        }
    }

    /// The cameras of a host, by name.
    package func cameras(of host: String) -> [String] { hosts.filter { $0.value == host }.keys.sorted() }
}
