import Metrics
import Recognition

extension MetricFamily.Value {
    /// The histogram with cumulative buckets, as the format requires.
    static func histogram(_ histogram: DurationHistogram) -> MetricFamily.Value {
        var sum: UInt64 = 0
        let buckets = DurationHistogram.bounds.enumerated().map { index, bound in
            sum += histogram.count(ofBucket: index)
            return MetricFamily.Bucket(upperBound: bound, count: sum)
        }
        return .histogram(buckets: buckets, sum: histogram.sum, count: histogram.count)
    }
}
