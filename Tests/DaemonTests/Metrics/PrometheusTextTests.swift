import Foundation
import Metrics
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
}
