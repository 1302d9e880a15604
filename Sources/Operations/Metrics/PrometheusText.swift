/// Prometheus' text exposition format 0.0.4.
package enum PrometheusText {
  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// Outputs metrics, sorted by name.
  package static func text(of families: [MetricFamily]) -> String {
    var text = ""
    for family in families.sorted(by: { $0.name < $1.name }) {
      if let help = MetricNames.help[family.name] { text += "# HELP \(family.name) \(escaped(help))\n" }
      text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
      for sample in family.samples { append(sample.value, family.name, sample.labels, to: &text) }
    }
    return text
  }

  private static func append(_ value: MetricValue, _ name: String, _ labels: [MetricLabel], to text: inout String) {
    switch value {
    case .counter(let count): text += "\(name)\(list(labels)) \(count)\n"
    case .gauge(let value): text += "\(name)\(list(labels)) \(number(value))\n"
    case .histogram(let histogram):
      var below = 0
      for (bound, count) in zip(histogram.bounds, histogram.counts) {
        below += count
        text += "\(name)_bucket\(list(labels + [MetricLabel("le", number(bound))])) \(below)\n"
      }
      text += "\(name)_bucket\(list(labels + [MetricLabel("le", "+Inf")])) \(histogram.count)\n"
      text += "\(name)_sum\(list(labels)) \(number(histogram.sum))\n"
      text += "\(name)_count\(list(labels)) \(histogram.count)\n"
    }
  }

  private static func list(_ labels: [MetricLabel]) -> String {
    guard !labels.isEmpty else { return "" }
    let pairs = labels.map { "\($0.name)=\"\(escaped($0.value, with: "\""))\"" }
    return "{\(pairs.joined(separator: ","))}"
  }

  private static func escaped(_ text: String, with quote: Unicode.Scalar? = nil) -> String {
    text.replacingScalars { scalar in
      switch scalar {
      case "\n": "\\n"
      case "\\", quote: "\\\(scalar)"
      default: nil
      }
    }
  }

  private static func number(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value > 0 ? "+Inf" : "-Inf" }
    return value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
  }
}
