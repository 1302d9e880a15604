internal import Catalog
internal import Time

/// What this process has seen of the clock, so that days without events can be distinguished from a clock that was set
/// wrong.
final class ObservedClock {
  private let catalog: Catalog
  private let clock: any WallClock
  /// When the clock was last found to be right, and the uptime at that moment.
  private var observation: (time: Timestamp, uptime: Duration)?

  init(_ catalog: Catalog, clock: any WallClock) {
    self.catalog = catalog
    self.clock = clock
  }

  /// See `RecordStore.observeClock`.
  func observe() throws(StorageError) {
    let (now, uptime) = (clock.now(), clock.uptime())
    let trusted = observation.map { $0.time + (uptime - $0.uptime) }
    let isTrusted = try StorageError.wrapping { () throws(CatalogError) in try catalog.observe(now, trusted: trusted) }
    if isTrusted { observation = (now, uptime) }
  }
}
