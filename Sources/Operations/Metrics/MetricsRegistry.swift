package import CoreMetrics
internal import Synchronization

/// Keeps what the rooms count and time, and outputs it in Prometheus' text format.
///
/// Counters and histograms live as long as the process: they continue when the configuration is read again.
package final class MetricsRegistry: MetricsFactory, Sendable {
  private struct Key: Hashable {
    var name: String
    var labels: [MetricLabel]
  }

  private let cells = Mutex<[Key: MetricCell]>([:])

  package init() {}

  /// Makes all counters of the process count here; once per process.
  package func becomeSystem() {
    MetricsSystem.bootstrap(self)
  }

  package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    cell(label, dimensions) { MetricCell(.counter(0)) }
  }

  package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    cell(label, dimensions) { MetricCell(.gauge(0)) }
  }

  package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    cell(label, dimensions) { MetricCell(aggregate ? .histogram(Histogram(for: label)) : .gauge(0)) }
  }

  package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    cell(label, dimensions) { MetricCell(.histogram(Histogram(for: label))) }
  }

  // What was once counted is reported until the process ends, as Prometheus wants it.
  package func destroyCounter(_ handler: any CounterHandler) {}
  package func destroyMeter(_ handler: any MeterHandler) {}
  package func destroyRecorder(_ handler: any RecorderHandler) {}
  package func destroyTimer(_ handler: any TimerHandler) {}

  private func cell(_ name: String, _ dimensions: [(String, String)], _ make: () -> MetricCell) -> MetricCell {
    let key = Key(name: name, labels: dimensions.map { MetricLabel($0.0, $0.1) })
    return cells.withLock { cells in
      if let known = cells[key] { return known }
      let new = make()
      cells[key] = new
      return new
    }
  }

  /// All that has been counted so far.
  package func families() -> [MetricFamily] {
    var families: [String: MetricFamily] = [:]
    for (key, cell) in cells.withLock({ $0 }) {
      let value = cell.value
      families[key.name, default: MetricFamily(key.name, value.kind)].samples.append((key.labels, value))
    }
    return families.values.map { family in
      var family = family
      family.samples.sort { $0.labels.lexicographicallyPrecedes($1.labels) }
      return family
    }
  }
}

/// One counter, gauge or histogram.
private final class MetricCell: CounterHandler, MeterHandler, RecorderHandler, TimerHandler {
  private let state: Mutex<MetricValue>

  init(_ value: MetricValue) { state = Mutex(value) }

  var value: MetricValue { state.withLock { $0 } }

  func increment(by amount: Int64) {
    state.withLock { if case .counter(let count) = $0 { $0 = .counter(count &+ amount) } }
  }

  func reset() {
    state.withLock { if case .counter = $0 { $0 = .counter(0) } }
  }

  func set(_ value: Int64) { set(Double(value)) }

  func set(_ value: Double) { state.withLock { if case .gauge = $0 { $0 = .gauge(value) } } }

  func increment(by amount: Double) {
    state.withLock { if case .gauge(let value) = $0 { $0 = .gauge(value + amount) } }
  }

  func decrement(by amount: Double) { increment(by: -amount) }

  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    state.withLock {
      switch $0 {
      case .gauge: $0 = .gauge(value)
      case .histogram(var histogram):
        // Taken out meanwhile, so that the buckets are not copied.
        $0 = .counter(0)
        histogram.observe(value)
        $0 = .histogram(histogram)
      case .counter: break
      }
    }
  }

  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
