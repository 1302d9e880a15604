internal import EventStore
internal import ServiceLifecycle
internal import Time

/// Has the store note what time it is, now and then: so that days without an event do not make it mistrust the clock.
struct ClockService: Service {
  let store: RecordStore
  let clock: any WallClock
  /// Far more often than the clock may run ahead of what was seen.
  private static let interval = Duration.seconds(600)

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while (try? await clock.sleep(for: Self.interval)) != nil {
        // One that fails is followed by another.
        try? await store.observeClock()
      }
    }
  }
}
