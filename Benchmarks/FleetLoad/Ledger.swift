import Fleet
import Text

/// Holds what a subscriber got against what the hosts recorded.
struct Ledger {
    private(set) var faults: [StormReport.Fault] = []
    private(set) var records = 0
    private(set) var late = 0
    private(set) var owners = 0
    private(set) var orphans = 0

    private struct Key: Hashable {
        var event: String
        var state: String
        var time: String
    }

    private struct Truth {
        var host: String
        var number: UInt64
        var epoch: UInt64
        var isFound = false
    }

    /// The number of records of the hosts that the feed does not have yet.
    static func missing(_ directory: String, hosts: [String]) -> Int {
        let truth = hosts.reduce(0) { $0 + LineFile.lines("\(directory)/\($1).outbox").count }
        let found = LineFile.lines(LoadReader.path(directory)).count { line in
            line.contains(#""type":"event""#) && !line.contains(#""owner_lost""#)
        }
        return truth - found
    }

    init(_ directory: String, hosts: [String]) {
        var truth = Self.truth(directory, hosts)
        var last: Int64 = 0
        // By camera, and by camera and host for late ones.
        var order: [String: (epoch: Int64, number: UInt64)] = [:]
        var ended: Set<String> = []
        var owned: Set<String> = []
        for line in LineFile.lines(LoadReader.path(directory)) {
            guard let value = try? JSONValue(parsing: String(line)), let seq = value["seq"]?.integer else {
                add(.other, "the feed has a line without a number: \(line)")
                continue
            }
            if seq != last + 1 { add(.disordered, "the feed goes from \(last) to \(seq)") }
            last = seq
            guard let camera = value["stream"]?.string, let host = value["host"]?.string,
                let epoch = value["epoch"]?.integer, let time = value["time"]?.string
            else {
                add(.other, "record \(seq) lacks a member: \(line)")
                continue
            }
            if value["type"]?.string == "owner" {
                owners += 1
                if !owned.insert("\(camera) \(epoch)").inserted {
                    add(.doubled, "record \(seq): \(camera) has epoch \(epoch) twice")
                }
                check(&order, camera, epoch: epoch, number: 0, seq)
                continue
            }
            let key = Key(event: value["id"]?.string ?? "", state: value["state"]?.string ?? "", time: time)
            let isLate = value["late"] == true
            if key.state == "ended", !isLate, !ended.insert(key.event).inserted {
                add(.doubled, "record \(seq): event \(key.event) ends twice")
            }
            if value["end_reason"]?.string == "owner_lost" {
                orphans += 1
                continue
            }
            guard let known = truth[key] else {
                add(.other, "record \(seq) was not made by a host: \(line)")
                continue
            }
            if known.isFound { add(.doubled, "record \(seq) comes twice: \(line)") }
            truth[key]?.isFound = true
            if known.host != host { add(.other, "record \(seq) is \(known.host)'s and names \(host)") }
            records += 1
            late += isLate ? 1 : 0
            check(&order, isLate ? "\(camera) \(host)" : camera, epoch: epoch, number: known.number, seq)
        }
        for (_, record) in truth where !record.isFound {
            add(.missing, "the feed lacks record \(record.number) of \(record.host), epoch \(record.epoch)")
        }
    }

    private mutating func add(_ kind: StormReport.Fault.Kind, _ text: String) {
        faults.append(StormReport.Fault(kind: kind, text: text))
    }

    private mutating func check(
        _ order: inout [String: (epoch: Int64, number: UInt64)],
        _ chain: String,
        epoch: Int64,
        number: UInt64,
        _ seq: Int64
    ) {
        let last = order[chain] ?? (0, 0)
        if (epoch, number) < last { add(.disordered, "record \(seq) of \(chain) comes out of order") }
        order[chain] = (epoch, number)
    }

    private static func truth(_ directory: String, _ hosts: [String]) -> [Key: Truth] {
        var truth: [Key: Truth] = [:]
        for host in hosts {
            for line in LineFile.lines("\(directory)/\(host).outbox") {
                guard let record = LoadOutbox.record(line), let value = try? JSONValue(parsing: record.body) else {
                    continue
                }
                let key = Key(
                    event: value["id"]?.string ?? "",
                    state: value["state"]?.string ?? "",
                    time: value["time"]?.string ?? ""
                )
                truth[key] = Truth(host: host, number: record.number, epoch: record.epoch)
            }
        }
        return truth
    }
}
