internal import EventStore
internal import ServiceLifecycle
internal import Time

/// Makes the store note the time regularly, so that days without an event do not make it distrust the clock.
struct ClockService: Service {
  let store: RecordStore
  let clock: any WallClock
  /// Far more often than the clock may run ahead of what was seen.
  private static let interval = Duration.seconds(600)

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while (try? await clock.sleep(for: Self.interval)) != nil {
        // If one fails, another follows.
        try? await store.observeClock()
      }
    }
  }
}
