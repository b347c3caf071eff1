import Foundation
import TestSupport
import Testing
import Text

/// Real daemons deliver their fleet's records to real receivers: one host for all.
@Suite(.serialized) struct FleetDeliveryTests {
    private static let cameras = ["door", "gate", "hall", "yard"]
    private static let streams = cameras.map {
        DaemonProcess.stream($0, "lavfi:testsrc2=size=160x120:rate=10", "capture: thread")
    }.joined()

    /// The host that delivers, by a host's status.
    private func deliverer(_ site: FleetSite, by host: String) async throws -> String? {
        try await site.status(host)["deliveries"]?["host"]?.string
    }

    /// The host that delivers, once both know it.
    private func deliverer(_ site: FleetSite) async throws -> String {
        var hosts: [String?] = []
        try await eventually("both know who delivers") {
            hosts = [try await deliverer(site, by: "north"), try await deliverer(site, by: "south")]
            return hosts[0] != nil && hosts[0] == hosts[1]
        }
        return try #require(hosts[0])
    }

    @Test func aKilledHostsDeliveriesGoOnElsewhere() async throws {
        try await TemporaryDirectory.with { directory in
            try await WebhookReceiver.with(in: directory) { receiver in
                let hook = "{name: alarm, url: '\(receiver.url("/hook"))', events: [started, updated, ended, health]}"
                let site = try await FleetSite(Self.streams + "webhooks: [\(hook)]\n", in: directory)
                for host in ["north", "south"] { try site.start(host) }
                try await site.until("both hosts have cameras that they watch") { records in
                    Set(Self.cameras.compactMap { records.owner(of: $0) }).count == 2
                        && Self.cameras.allSatisfy { records.isWatched($0) }
                }
                try await site.until("first deliveries") { _ in (try? receiver.accepted().count) ?? 0 >= 4 }
                let first = try await deliverer(site)
                let other = first == "north" ? "south" : "north"
                site.kill(first)
                try await site.until("the other watches all") { records in
                    Self.cameras.allSatisfy { records.owner(of: $0) == other && records.isWatched($0) }
                }
                let last = try #require(site.records.last { $0.isDelivered }?.seq)
                try await site.until("all is delivered") { _ in
                    ((try? receiver.accepted()) ?? []).contains { $0.seq == last }
                }
                #expect(try await deliverer(site, by: other) == other)
                try compare(receiver.accepted(), with: site.records, through: last)
            }
        }
    }

    /// Each record once, or again with the same identifier; none is missing; in order.
    private func compare(_ requests: [WebhookReceiver.Request], with records: [JSONValue], through last: Int64) throws {
        let begin = try #require(requests.compactMap(\.seq).min())
        let wanted = records.filter { $0.isDelivered }.compactMap(\.seq).filter { $0 >= begin && $0 <= last }
        var ids: [Int64: String] = [:]
        var order: [Int64] = []
        for request in requests {
            let (seq, id) = (try #require(request.seq), try #require(request.headers["webhook-id"]))
            if let earlier = ids[seq] {
                #expect(earlier == id)
            } else {
                ids[seq] = id
                order.append(seq)
            }
        }
        #expect(Set(ids.values).count == ids.count)
        #expect(order.filter { $0 <= last } == wanted)
    }

    @Test func oneHostSpeaksForAllCamerasAtTheBroker() async throws {
        try await TemporaryDirectory.with { directory in
            try await MosquittoBroker.with(in: directory) { broker in
                try await broker.subscribe(["watchword/#", "homeassistant/#"]) { subscriber in
                    let mqtt = "mqtt: {url: 'mqtt://127.0.0.1:\(broker.port)'}\n"
                    let site = try await FleetSite(Self.streams + mqtt, in: directory)
                    for host in ["north", "south"] { try site.start(host) }
                    try await site.until("both hosts have cameras that they watch") { records in
                        Set(Self.cameras.compactMap { records.owner(of: $0) }).count == 2
                            && Self.cameras.allSatisfy { records.isWatched($0) }
                    }
                    // A state of a stream that was reported before the deliveries began is known as well.
                    try await site.until("each camera's health and an event of each") { _ in
                        let topics = Set(((try? subscriber.messages()) ?? []).map(\.topic))
                        return Self.cameras.allSatisfy {
                            topics.contains("watchword/\($0)/health") && topics.contains("watchword/\($0)/event")
                        }
                    }
                    let first = try await deliverer(site)
                    let other = first == "north" ? "south" : "north"
                    site.kill(first)
                    try await site.until("the other watches all") { records in
                        Self.cameras.allSatisfy { records.owner(of: $0) == other && records.isWatched($0) }
                    }
                    let events = site.records.filter { $0.type == "event" && $0["late"] == nil }
                    let last = try #require(events.last?.seq)
                    try await site.until("all is delivered") { _ in
                        ((try? subscriber.messages()) ?? []).contains { $0.topic.hasSuffix("/event") && $0.seq == last }
                    }
                    let messages = try subscriber.messages().filter { $0.topic.hasSuffix("/event") }
                    let begin = try #require(messages.compactMap(\.seq).min())
                    let wanted = events.compactMap(\.seq).filter { $0 >= begin }
                    #expect(Set(wanted).subtracting(messages.compactMap(\.seq)).isEmpty)
                    #expect(try subscriber.messages().last { $0.topic == "watchword/status" }?.payload == "online")
                }
            }
        }
    }
}

extension JSONValue {
    /// Whether it is of those that receivers get.
    fileprivate var isDelivered: Bool { type == "event" || type == "stream" }
}
