/// A metric: its name and its samples, one for each set of labels.
package struct MetricFamily: Sendable {
  package var name: String
  package var kind: MetricKind
  package var samples: [(labels: [MetricLabel], value: MetricValue)] = []

  package init(_ name: String, _ kind: MetricKind) {
    self.name = name
    self.kind = kind
  }

  /// A gauge with one sample.
  static func gauge(_ name: String, _ value: Double, _ labels: (String, String)...) -> MetricFamily {
    gauge(name, [(value, labels)])
  }

  /// A gauge with a sample for each set of labels.
  static func gauge(_ name: String, _ samples: [(Double, [(String, String)])]) -> MetricFamily {
    var family = MetricFamily(name, .gauge)
    family.samples = samples.map { ($0.1.map { MetricLabel($0.0, $0.1) }, .gauge($0.0)) }
    return family
  }
}

/// The kind of a metric, in Prometheus' terms.
package enum MetricKind: String, Sendable {
  case counter, gauge, histogram
}

/// A label and its value.
package struct MetricLabel: Hashable, Sendable, Comparable {
  package var name: String
  package var value: String

  init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  package static func < (left: MetricLabel, right: MetricLabel) -> Bool {
    (left.name, left.value) < (right.name, right.value)
  }
}

/// What a sample shows.
package enum MetricValue: Sendable {
  case counter(Int64)
  case gauge(Double)
  case histogram(Histogram)

  var kind: MetricKind {
    switch self {
    case .counter: .counter
    case .gauge: .gauge
    case .histogram: .histogram
    }
  }
}

/// How many observations had which size.
package struct Histogram: Sendable {
  /// Upper bounds, ascending; larger values are only in `count`.
  let bounds: [Double]
  /// How many are in each bucket, without those below it.
  private(set) var counts: [Int]
  private(set) var count = 0
  private(set) var sum = 0.0

  init(bounds: [Double]) {
    self.bounds = bounds
    counts = Array(repeating: 0, count: bounds.count)
  }

  /// With buckets that fit what a metric of this name measures, in seconds.
  init(for name: String) {
    // An event that waits for n8n to come back can wait for days; a barrier or a request ends within its timeout.
    let isDelay = name.contains("delay")
    self.init(
      bounds: isDelay
        ? [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 21_600, 86_400]
        : [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30])
  }

  mutating func observe(_ value: Double) {
    count += 1
    sum += value
    if let index = bounds.firstIndex(where: { value <= $0 }) { counts[index] += 1 }
  }
}
