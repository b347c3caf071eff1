import CoreMetrics
import Foundation
import Recognition
import Testing

@testable import Daemon

@Suite struct PrometheusTextTests {
    @Test func theFormat() {
        var frames = MetricFamily(.counter, "w_frames_total", "Line one\nand \\ two.")
        frames.add(3, ["stream": "door", "label": "a \"b\" \\ c\nd"])
        frames.add(0.25, ["stream": "é"])
        var odd = MetricFamily(.gauge, "w_odd", "Odd \"numbers\".")
        for number in [Double.nan, .infinity, -.infinity, 1e300, -2] { odd.add(number) }
        var histogram = DurationHistogram()
        for seconds in [0.0005, 0.001, 0.3, 99] { histogram.add(seconds: seconds) }
        var duration = MetricFamily(.histogram, "w_seconds", "Seconds.")
        duration.samples = [.init(labels: [.init(name: "stream", value: "a")], value: .histogram(histogram))]
        let text = PrometheusText.write([frames, MetricFamily(.gauge, "w_none", "Left out."), odd, duration])
        #expect(
            text == #"""
                # HELP w_frames_total Line one\nand \\ two.
                # TYPE w_frames_total counter
                w_frames_total{stream="door",label="a \"b\" \\ c\nd"} 3
                w_frames_total{stream="é"} 0.25
                # HELP w_odd Odd "numbers".
                # TYPE w_odd gauge
                w_odd NaN
                w_odd +Inf
                w_odd -Inf
                w_odd 1e+300
                w_odd -2
                # HELP w_seconds Seconds.
                # TYPE w_seconds histogram
                w_seconds_bucket{stream="a",le="0.001"} 2
                w_seconds_bucket{stream="a",le="0.0025"} 2
                w_seconds_bucket{stream="a",le="0.005"} 2
                w_seconds_bucket{stream="a",le="0.01"} 2
                w_seconds_bucket{stream="a",le="0.025"} 2
                w_seconds_bucket{stream="a",le="0.05"} 2
                w_seconds_bucket{stream="a",le="0.1"} 2
                w_seconds_bucket{stream="a",le="0.25"} 2
                w_seconds_bucket{stream="a",le="0.5"} 3
                w_seconds_bucket{stream="a",le="1"} 3
                w_seconds_bucket{stream="a",le="2.5"} 3
                w_seconds_bucket{stream="a",le="5"} 3
                w_seconds_bucket{stream="a",le="10"} 3
                w_seconds_bucket{stream="a",le="+Inf"} 4
                w_seconds_sum{stream="a"} 99.3015
                w_seconds_count{stream="a"} 4

                """#
        )
    }

    @Test func theRegistryTakesWhatSwiftMetricsGives() throws {
        let registry = PrometheusRegistry(help: ["hits_total": "Hits."])
        let counter = Counter(label: "hits_total", dimensions: [("a", "1")], factory: registry)
        counter.increment()
        Counter(label: "hits_total", dimensions: [("a", "1")], factory: registry).increment(by: 2)
        Counter(label: "hits_total", dimensions: [("a", "2")], factory: registry).increment()
        Meter(label: "level", dimensions: [], factory: registry).set(1.5)
        let timer = CoreMetrics.Timer(label: "took_seconds", dimensions: [], factory: registry)
        timer.recordMilliseconds(2)
        let families = registry.families
        #expect(families.map(\.name) == ["hits_total", "level", "took_seconds"])
        #expect(families.map(\.kind) == [.counter, .gauge, .histogram])
        #expect(families[0].help == "Hits.")
        #expect(families[0].samples.map(\.value) == [.number(3), .number(1)])
        #expect(families[1].samples.map(\.value) == [.number(1.5)])
        guard case .histogram(let buckets, let sum, let count) = families[2].samples[0].value else {
            Issue.record("a timer is a histogram")
            return
        }
        #expect(count == 1 && sum == 0.002)
        #expect(buckets.filter { $0.count == 0 }.map(\.upperBound) == [0.001])
        // Another kind under the same name would be no Prometheus text.
        Meter(label: "hits_total", dimensions: [], factory: registry).set(9)
        #expect(registry.families[0].samples.count == 2)
        counter.destroy()
        #expect(registry.families[0].samples.map(\.value) == [.number(1)])
    }
}
