import Foundation
package import Text

extension FleetOverview {
    /// For programs: one JSON object.
    package var line: JSONLine {
        var line = JSONLine(type: "fleet_status")
        line.add("engine", engine.line)
        line.add("configuration", revision.map(Self.line))
        line.add("hosts", hosts.map(\.line))
        line.add("cameras", cameras.map(\.line))
        line.add("late", late)
        line.add("deliveries", deliveries)
        return line
    }

    private var deliveries: JSONLine {
        var line = JSONLine()
        line.add("host", deliverer?.owner)
        line.add("since", deliverer?.since)
        line.add(
            "receivers",
            marks.sorted { $0.key < $1.key }.map { name, mark in
                var line = JSONLine()
                line.add("name", name)
                line.add("seq", mark.seq)
                return line
            }
        )
        return line
    }

    private static func line(_ revision: FleetRevision) -> JSONLine {
        var line = JSONLine()
        line.add("revision", revision.number)
        line.add("time", revision.time)
        line.add("version", revision.version)
        return line
    }

    /// For people.
    package var readable: [String] {
        var lines = engine.readable
        lines.append("configuration  " + (revision?.title ?? "none: run `watchword fleet apply FILE`"))
        lines.append("late records   \(late)")
        if deliverer != nil || !marks.isEmpty {
            let receivers = marks.sorted { $0.key < $1.key }.map { ", \($0) to record \($1.seq)" }.joined()
            lines.append("deliveries     by \(deliverer?.owner ?? "nobody now")\(receivers)")
        }
        lines += [""]
        let heads = ["host", "state", "version", "frames/s", "cameras", "revision"]
        lines += TextTable.lines([heads] + hosts.map { $0.cells(of: revision?.number) })
        lines += [""]
        lines += TextTable.lines([["camera", "host", "epoch", "since", "late", ""]] + cameras.map(\.cells))
        return lines.map { $0.escapingControlCharacters() }
    }
}

extension FleetOverview.Engine {
    fileprivate var line: JSONLine {
        var line = JSONLine()
        line.add("servers", servers)
        line.add("version", version)
        line.add("leader", stream.leader)
        line.add("replicas", stream.replicas.map(\.line))
        line.add("feed_id", stream.feedID)
        line.add("seq_first", stream.first)
        line.add("seq_last", stream.last)
        line.add("bytes", stream.bytes)
        return line
    }

    fileprivate var readable: [String] {
        let version = version.map { "NATS \($0)" } ?? "of unknown version"
        // A server alone has no leader to elect.
        let isAlone = stream.leader == nil && stream.replicas.isEmpty
        let leader = isAlone ? "one server keeps the records" : "led by \(stream.leader ?? "nobody now")"
        let replicas = stream.replicas.map { ", \($0.name) \($0.state)" }.joined()
        let size = String(format: "%.1f", Double(stream.bytes) / 1e6)
        return [
            "servers        \(servers.joined(separator: ", ")), \(version)",
            "feed           records \(stream.first) to \(stream.last), \(size) MB, \(leader)\(replicas)",
        ]
    }
}

extension StreamReport.Replica {
    fileprivate var line: JSONLine {
        var line = JSONLine()
        line.add("name", name)
        line.add("current", isCurrent)
        line.add("offline", isOffline)
        line.add("lag", lag)
        return line
    }

    /// `current`, `offline` or `behind by 12`
    fileprivate var state: String { isOffline ? "offline" : isCurrent ? "current" : "behind by \(lag)" }
}

extension FleetOverview.Host {
    fileprivate var line: JSONLine {
        var line = JSONLine()
        line.add("host", name)
        line.add("state", state)
        line.add("to_drain", isToDrain)
        line.add("cameras", cameras)
        line.add("version", heartbeat?.version)
        line.add("capacity", heartbeat?.capacity)
        line.add("load", heartbeat?.load)
        line.add("revision", heartbeat?.revision)
        line.add("models", heartbeat?.models)
        line.add("last_pulse", lastPulse)
        return line
    }

    /// - Parameter last: the last revision of the configuration.
    fileprivate func cells(of last: UInt64?) -> [String] {
        var state = state
        if let lastPulse { state += " since \(lastPulse)" }
        if isToDrain, heartbeat?.isDraining != true { state += ", to drain" }
        guard let heartbeat else { return [name, state, "–", "–", "\(cameras)", "–"] }
        let load = heartbeat.load.map { String(format: "%.1f of ", $0) } ?? ""
        let behind = last.map { $0 != heartbeat.revision } ?? false
        return [
            name, state, heartbeat.version, load + String(format: "%.1f", heartbeat.capacity), "\(cameras)",
            (heartbeat.revision.map(String.init) ?? "none") + (behind ? ", not the last" : ""),
        ]
    }
}

extension FleetOverview.Camera {
    fileprivate var line: JSONLine {
        var line = JSONLine()
        line.add("camera", name)
        line.add("host", host)
        line.add("epoch", epoch)
        line.add("since", since)
        line.add("place", place)
        line.add("late", late)
        return line
    }

    fileprivate var cells: [String] {
        [
            name, host ?? "nobody", epoch.map(String.init) ?? "–", since?.description ?? "–", "\(late)",
            place.map { $0 == host ? "placed by hand" : "to go to \($0)" } ?? "",
        ]
    }
}
