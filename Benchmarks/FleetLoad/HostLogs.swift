import System
import Text

/// What the hosts of a storm did, as each of them wrote it down.
struct HostLogs {
    let directory: String

    struct Owner: Equatable {
        var host: String
        var epoch: Int64
    }

    struct Start {
        var camera: String
        var reason: String
        var time: Double
    }

    /// The lines of a host.
    func lines(of host: String) -> [JSONValue] {
        LineFile.lines("\(directory)/\(host).log").compactMap { try? JSONValue(parsing: String($0)) }
    }

    /// The host with the highest epoch of each camera.
    func owners(_ hosts: [String]) -> [String: Owner] {
        var owners: [String: Owner] = [:]
        for host in hosts {
            for line in lines(of: host) {
                guard let camera = line["start"]?.string, let epoch = line["epoch"]?.integer else { continue }
                if owners[camera].map({ $0.epoch < epoch }) ?? true { owners[camera] = Owner(host: host, epoch: epoch) }
            }
        }
        return owners
    }

    /// The cameras that hosts began to watch after a time.
    func starts(_ hosts: [String], since: Duration) -> [Start] {
        hosts.flatMap(lines).compactMap { line in
            guard let camera = line["start"]?.string, let reason = line["reason"]?.string,
                let time = line["time"]?.number, time >= since.seconds
            else { return nil }
            return Start(camera: camera, reason: reason, time: time)
        }
    }

    /// The cameras that a host watches, by its own word.
    func watched(by host: String) -> Set<String> {
        var watched: Set<String> = []
        for line in lines(of: host) {
            if line["run"] != nil { watched = [] }
            if let camera = line["start"]?.string { watched.insert(camera) }
            if let camera = line["stop"]?.string { watched.remove(camera) }
        }
        return watched
    }

    /// When a host last left a camera.
    func lastStop(of host: String) -> Double? {
        lines(of: host).filter { $0["stop"] != nil }.compactMap { $0["time"]?.number }.max()
    }
}
