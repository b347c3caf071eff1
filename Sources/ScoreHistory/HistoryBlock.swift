import Events
import Text

/// A piece of a segment file. A file is a row of blocks, each of which is whole or does not count.
///
/// Layout, little-endian: "WS", the kind, the version 1, the payload's length (4 bytes), the CRC-32 of all of these and of the
/// payload (4 bytes), the payload.
enum HistoryBlock: Equatable {
    /// Whose leads follow; the first block of each file.
    case labels(HistoryLabels)
    /// Times in milliseconds since the first, leads as `Lead.encode` makes them.
    case decisions([ScoredDecision])
    /// A minute of each label.
    case minute([MinuteSummary])

    private enum Kind: UInt8 {
        case labels = 1
        case decisions, minute
    }

    static let headerBytes = 12
    /// No block that we write is larger; a length beyond it is damage.
    static let payloadLimit = 1 << 24
    private static let signature: [UInt8] = [0x57, 0x53]
    private static let version: UInt8 = 1

    var bytes: [UInt8] {
        let (kind, payload) = content
        var head = Self.signature + [kind.rawValue, Self.version]
        head.add(UInt32(payload.count))
        let checksum = Checksum.crc32([head, payload].joined())
        head.add(checksum)
        return head + payload
    }

    private var content: (Kind, [UInt8]) {
        var payload: [UInt8] = []
        switch self {
        case .labels(let labels):
            var line = JSONLine()
            line.add("interval_ns", Int64(labels.interval / .nanoseconds(1)))
            line.add(
                "labels",
                labels.labels.map { label in
                    var member = JSONLine()
                    member.add("name", label.name)
                    member.add("key", label.key)
                    member.add("min_duration_ns", Int64(label.minDuration / .nanoseconds(1)))
                    return member
                }
            )
            return (.labels, Array(line.text.utf8))
        case .decisions(let decisions):
            let base = decisions.first?.time.microseconds ?? 0
            payload.add(base)
            payload.add(UInt32(decisions.count))
            for decision in decisions {
                payload.add(UInt32(clamping: (decision.time.microseconds - base) / 1000))
                for lead in decision.leads { payload.add(Lead.encode(lead)) }
            }
            return (.decisions, payload)
        case .minute(let labels):
            payload.add(labels.first?.start.microseconds ?? 0)
            payload.add(UInt32(clamping: Int64((labels.first?.covered ?? .zero) / .milliseconds(1))))
            for label in labels {
                for lead in [label.peak, label.held, label.median, label.q80, label.q95] {
                    payload.add(Lead.encode(lead))
                }
            }
            return (.minute, payload)
        }
    }

    /// Reads the block at the start of `bytes`.
    ///
    /// - Parameter labels: the number of labels of the last `labels` block; nil before the first.
    /// - Returns: the block and the bytes that it takes; nil if there is no whole block.
    static func read(_ bytes: ArraySlice<UInt8>, labels: Int?) -> (block: HistoryBlock, count: Int)? {
        var reader = ByteReader(bytes)
        guard reader.take(2).map(Array.init) == signature,
            let kind = reader.take(1)?.first.flatMap(Kind.init(rawValue:)),
            reader.take(1)?.first == version, let length: UInt32 = reader.number(), length <= payloadLimit,
            let checksum: UInt32 = reader.number(), let payload = reader.take(Int(length))
        else { return nil }
        let head = bytes.prefix(8)
        guard Checksum.crc32([head, payload].joined()) == checksum else { return nil }
        guard let block = read(kind, payload, labels: labels) else { return nil }
        return (block, headerBytes + Int(length))
    }

    private static func read(_ kind: Kind, _ payload: ArraySlice<UInt8>, labels count: Int?) -> HistoryBlock? {
        var reader = ByteReader(payload)
        switch kind {
        case .labels: return readLabels(payload)
        case .decisions:
            guard let count, let base: Int64 = reader.number(), let number: UInt32 = reader.number(),
                reader.left == Int(number) * (4 + 2 * count)
            else { return nil }
            var decisions: [ScoredDecision] = []
            decisions.reserveCapacity(Int(number))
            for _ in 0..<number {
                guard let offset: UInt32 = reader.number(), let leads = reader.leads(count) else { return nil }
                let time = base.addingReportingOverflow(Int64(offset) * 1000)
                guard !time.overflow else { return nil }
                decisions.append(ScoredDecision(time: UTCTime(microseconds: time.partialValue), leads: leads))
            }
            return .decisions(decisions)
        case .minute:
            guard let count, let start: Int64 = reader.number(), let covered: UInt32 = reader.number(),
                reader.left == 10 * count, let leads = reader.leads(5 * count)
            else { return nil }
            return .minute(
                (0..<count).map { label in
                    let values = leads[(5 * label)..<(5 * label + 5)]
                    return MinuteSummary(
                        start: UTCTime(microseconds: start),
                        covered: .milliseconds(Int64(covered)),
                        peak: values[values.startIndex],
                        held: values[values.startIndex + 1],
                        median: values[values.startIndex + 2],
                        q80: values[values.startIndex + 3],
                        q95: values[values.startIndex + 4]
                    )
                }
            )
        }
    }

    private static func readLabels(_ payload: ArraySlice<UInt8>) -> HistoryBlock? {
        guard let text = String(validating: payload, as: UTF8.self), let value = try? JSONValue(parsing: text),
            let interval = value["interval_ns"]?.integer, interval > 0, let list = value["labels"]?.array
        else { return nil }
        var labels: [HistoryLabel] = []
        for entry in list {
            guard let name = entry["name"]?.string, let key = entry["key"]?.string,
                let minDuration = entry["min_duration_ns"]?.integer, minDuration >= 0
            else { return nil }
            labels.append(HistoryLabel(name: name, key: key, minDuration: .nanoseconds(minDuration)))
        }
        return .labels(HistoryLabels(labels: labels, interval: .nanoseconds(interval)))
    }
}

extension [UInt8] {
    fileprivate mutating func add(_ number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }
}

/// Reads numbers from the front of bytes that may end anywhere.
private struct ByteReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var left: Int { rest.count }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func number<Number: FixedWidthInteger>() -> Number? {
        guard let bytes = take(Number.bitWidth / 8) else { return nil }
        return bytes.reversed().reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
    }

    mutating func leads(_ count: Int) -> [Double]? {
        var leads: [Double] = []
        leads.reserveCapacity(count)
        for _ in 0..<count {
            guard let code: Int16 = number() else { return nil }
            leads.append(Lead.decode(code))
        }
        return leads
    }
}
