internal import Synchronization
package import Time

/// When each service is next due, as reported by the services themselves.
package final class DueTimes: Sendable {
  private let times = Mutex<[String: Timestamp]>([:])

  package init() {}

  /// Notes when a service is due; nil: never.
  package func set(_ time: Timestamp?, for name: String) {
    times.withLock { $0[name] = time }
  }

  /// By the services' names.
  package var all: [String: Timestamp] { times.withLock { $0 } }
}
