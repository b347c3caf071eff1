import Fleet
import FleetDelivery
import MQTTFeed
import Metrics
import System
import Text
import WebhookFeed

/// The fleet as this host sees it, for the status, the page and the metrics.
extension FleetHost {
    func members(_ redact: (String) -> String) -> JSONLine {
        let status = status
        let own = heartbeat
        var line = JSONLine()
        line.add("host", name)
        line.add("state", status.isConnected ? "connected" : "disconnected")
        line.add("reason", status.trouble.map(redact))
        line.add("revision", status.revision)
        line.add("followed_revision", own.revision)
        line.add("records_waiting", status.waiting)
        line.add("records_forwarded", status.forwarded)
        line.add("records_late", status.late)
        line.add("records_refused", status.refused)
        line.add("records_missed", status.missed)
        line.add("clock_lead_seconds", status.clockLead.map { ($0.seconds * 1000).rounded() / 1000 })
        line.add("hosts", status.hosts.map { host($0, status) })
        line.add("cameras", cameras(status))
        line.add("deliveries", delivering(status, redact))
        return line
    }

    /// Which host delivers the records for the fleet, and how far each receiver has them. What this host knows of a receiver
    /// is added while it delivers to it.
    private func delivering(_ status: FleetStatus, _ redact: (String) -> String) -> JSONLine {
        let (broker, webhooks) = (deliveries.broker, deliveries.webhooks)
        var line = JSONLine()
        line.add("host", status.deliverer?.owner)
        line.add("since", status.deliverer?.since)
        line.add("reason", deliveries.trouble.map(redact))
        line.add(
            "receivers",
            status.marks.sorted { $0.key < $1.key }.map { name, mark in
                var line = JSONLine()
                line.add("name", name)
                line.add("seq", mark.seq)
                if let broker, name == DeliveryPlan.broker {
                    line.add("state", broker.isConnected ? "ok" : "failing")
                    line.add("reason", broker.reason.map(redact))
                } else if let hook = webhooks.first(where: { name == DeliveryPlan.receiver(webhook: $0.name) }) {
                    line.add("state", hook.isHealthy ? "ok" : "failing")
                    line.add("reason", hook.reason.map(redact))
                }
                return line
            }
        )
        return line
    }

    private func delivered(_ status: FleetStatus) -> MetricFamily {
        let help = "The record of the common feed up to which a receiver has everything, by any host."
        var family = MetricFamily(.gauge, "watchword_fleet_delivered_seq", help)
        for (name, mark) in status.marks.sorted(by: { $0.key < $1.key }) {
            family.add(Int(clamping: mark.seq), ["receiver": name])
        }
        return family
    }

    private func host(_ heartbeat: Heartbeat, _ status: FleetStatus) -> JSONLine {
        var line = JSONLine()
        line.add("host", heartbeat.host)
        line.add("capacity", (heartbeat.capacity * 10).rounded() / 10)
        line.add("load", heartbeat.load.map { ($0 * 10).rounded() / 10 })
        line.add("cameras", status.claims.values.count { $0.owner == heartbeat.host })
        line.add("draining", heartbeat.isDraining)
        line.add("closed", heartbeat.isClosed)
        line.add("revision", heartbeat.revision)
        line.add("version", heartbeat.version)
        return line
    }

    private func cameras(_ status: FleetStatus) -> [JSONLine] {
        status.claims.sorted { $0.key < $1.key }.compactMap { camera, claim in
            guard let owner = claim.owner else { return nil }
            var line = JSONLine()
            line.add("camera", camera)
            line.add("host", owner)
            line.add("epoch", claim.revision)
            line.add("since", claim.since)
            return line
        }
    }

    var metrics: [MetricFamily] {
        let status = status
        func family(_ kind: MetricFamily.Kind, _ name: String, _ help: String, _ value: Int) -> MetricFamily {
            var family = MetricFamily(kind, "watchword_fleet_\(name)", help)
            family.add(value)
            return family
        }
        return [
            family(.gauge, "connected", "Whether the fleet's servers are connected.", status.isConnected ? 1 : 0),
            family(.gauge, "hosts", "Hosts that report that they are alive.", status.hosts.count),
            family(.gauge, "cameras", "The fleet's cameras that this host watches.", status.owned.count),
            family(
                .gauge,
                "configuration_revision",
                "The revision of the fleet's configuration that this host follows; 0 for none.",
                Int(clamping: heartbeat.revision ?? 0)
            ),
            family(
                .gauge,
                "records_waiting",
                "Records in memory that the fleet's servers have not acknowledged.",
                status.waiting
            ),
            family(
                .counter,
                "records_forwarded_total",
                "Records that the fleet's servers acknowledged.",
                Int(clamping: status.forwarded)
            ),
            family(
                .counter,
                "records_late_total",
                "Of those, records of a camera that another host had already.",
                Int(clamping: status.late)
            ),
            family(
                .counter,
                "records_refused_total",
                "Records that the fleet's servers refuse for ever, and that a notice replaces.",
                Int(clamping: status.refused)
            ),
            family(
                .counter,
                "records_missed_total",
                "Records that this host's journal dropped before the fleet's servers took them.",
                Int(clamping: status.missed)
            ),
            family(.gauge, "delivers", "Whether this host delivers the fleet's records.", status.delivers ? 1 : 0),
            delivered(status),
        ]
    }
}
