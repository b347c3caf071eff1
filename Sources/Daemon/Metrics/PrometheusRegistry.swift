import CoreMetrics
import Recognition
import Synchronization

/// swift-metrics' factory: keeps what is counted as it happens until it is asked for. What the pipeline counts for itself
/// does not pass here, but is read where it is: nothing on the way of a frame waits for a metric.
///
/// Names and dimensions are used as they are given: they must be those of Prometheus. A timer is a histogram in seconds.
final class PrometheusRegistry: MetricsFactory, Sendable {
    private struct Key: Hashable {
        var name: String
        var labels: [MetricFamily.Label]

        init(_ name: String, _ dimensions: [(String, String)]) {
            self.name = name
            labels = dimensions.map { MetricFamily.Label(name: $0.0, value: $0.1) }
        }
    }

    private struct Entry {
        let key: Key
        let kind: MetricFamily.Kind
        let value: MetricValue
    }

    private struct State {
        var entries: [Entry] = []
        var places: [Key: Int] = [:]
    }

    private let help: [String: String]
    private let state = Mutex(State())

    /// - Parameter help: what each name means; the name itself where it is not here.
    init(help: [String: String] = [:]) {
        self.help = help
    }

    /// All there is, by name, in the order in which it came to be.
    var families: [MetricFamily] {
        let entries = state.withLock { $0.entries }
        var families: [MetricFamily] = []
        for entry in entries {
            let sample = MetricFamily.Sample(labels: entry.key.labels, value: entry.value.current)
            if let index = families.firstIndex(where: { $0.name == entry.key.name }) {
                families[index].samples.append(sample)
            } else {
                let name = entry.key.name
                var family = MetricFamily(entry.kind, name, help[name] ?? name)
                family.samples = [sample]
                families.append(family)
            }
        }
        return families
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        value(label, dimensions, .counter)
    }

    func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        value(label, dimensions, .counter)
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        value(label, dimensions, .gauge)
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        value(label, dimensions, aggregate ? .histogram : .gauge)
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        value(label, dimensions, .histogram)
    }

    func destroyCounter(_ handler: any CounterHandler) { forget(handler) }
    func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { forget(handler) }
    func destroyMeter(_ handler: any MeterHandler) { forget(handler) }
    func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }
    func destroyTimer(_ handler: any TimerHandler) { forget(handler) }

    /// The one of this name and these dimensions, made where there is none. A name that is there already as another kind
    /// gets a value that is shown nowhere: two kinds under one name are no Prometheus text.
    private func value(_ name: String, _ dimensions: [(String, String)], _ kind: MetricFamily.Kind) -> MetricValue {
        let key = Key(name, dimensions)
        return state.withLock { state in
            if let place = state.places[key], state.entries[place].kind == kind { return state.entries[place].value }
            let value = MetricValue(kind)
            guard !state.entries.contains(where: { $0.key.name == name && $0.kind != kind }) else { return value }
            state.places[key] = state.entries.count
            state.entries.append(Entry(key: key, kind: kind, value: value))
            return value
        }
    }

    private func forget(_ handler: AnyObject) {
        state.withLock { state in
            state.entries.removeAll { $0.value === handler }
            state.places = Dictionary(uniqueKeysWithValues: state.entries.enumerated().map { ($1.key, $0) })
        }
    }
}

/// One value that is counted or set as things happen.
private final class MetricValue: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler,
    TimerHandler
{
    private struct State {
        var number = 0.0
        var histogram = DurationHistogram()
    }

    private let kind: MetricFamily.Kind
    private let state = Mutex(State())

    init(_ kind: MetricFamily.Kind) {
        self.kind = kind
    }

    var current: MetricFamily.Value {
        state.withLock { kind == .histogram ? .histogram($0.histogram) : .number($0.number) }
    }

    func increment(by amount: Int64) { increment(by: Double(amount)) }
    func increment(by amount: Double) { state.withLock { $0.number += amount } }
    func decrement(by amount: Double) { state.withLock { $0.number -= amount } }
    func reset() { state.withLock { $0 = State() } }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { state.withLock { $0.number = value } }
    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) {
        state.withLock { state in
            if kind == .histogram { state.histogram.add(seconds: value) } else { state.number = value }
        }
    }
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}

extension MetricFamily.Value {
    /// Counts of each bucket as the format wants them: of all up to its bound.
    static func histogram(_ histogram: DurationHistogram) -> MetricFamily.Value {
        var sum: UInt64 = 0
        let buckets = DurationHistogram.bounds.enumerated().map { index, bound in
            sum += histogram.count(ofBucket: index)
            return MetricFamily.Bucket(upperBound: bound, count: sum)
        }
        return .histogram(buckets: buckets, sum: histogram.sum, count: histogram.count)
    }
}
