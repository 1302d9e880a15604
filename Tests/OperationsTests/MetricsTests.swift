import CoreMetrics
import Operations
import TestSupport
import Testing

@Suite(.tags(.fast)) struct MetricsTests {
  @Test func `Counters and gauges stand under their names, their labels escaped`() {
    let registry = MetricsRegistry()
    let counter = registry.makeCounter(label: "eventdrop_drops_total", dimensions: [("inbox", "a\"b\\c\nd")])
    counter.increment(by: 2)
    registry.makeCounter(label: "eventdrop_drops_total", dimensions: [("inbox", "a\"b\\c\nd")]).increment(by: 3)
    registry.makeMeter(label: "free", dimensions: []).set(1.5)
    #expect(
      PrometheusText.text(of: registry.families()) == #"""
        # HELP eventdrop_drops_total Files that were taken from an inbox and worked through.
        # TYPE eventdrop_drops_total counter
        eventdrop_drops_total{inbox="a\"b\\c\nd"} 5
        # TYPE free gauge
        free 1.5

        """#)
  }

  @Test func `A histogram counts each observation in every bucket that is large enough`() {
    let registry = MetricsRegistry()
    let timer = registry.makeTimer(label: "t_seconds", dimensions: [("a", "b")])
    for milliseconds in [1, 3, 60_000] { timer.recordNanoseconds(Int64(milliseconds) * 1_000_000) }
    let lines = PrometheusText.text(of: registry.families()).split(separator: "\n")
    #expect(lines.first == "# TYPE t_seconds histogram")
    #expect(lines.contains(#"t_seconds_bucket{a="b",le="0.001"} 1"#))
    #expect(lines.contains(#"t_seconds_bucket{a="b",le="0.005"} 2"#))
    #expect(lines.contains(#"t_seconds_bucket{a="b",le="30"} 2"#))
    #expect(lines.contains(#"t_seconds_bucket{a="b",le="+Inf"} 3"#))
    #expect(lines.contains(#"t_seconds_sum{a="b"} 60.004"#))
    #expect(lines.contains(#"t_seconds_count{a="b"} 3"#))
  }
}
