internal import Synchronization

/// How many files this process has put into a folder.
package final class ArrivalCount: Sendable {
  private let count = Mutex(0)

  init() {}

  package var value: Int { count.withLock { $0 } }

  func increase() { count.withLock { $0 += 1 } }

  /// One was taken out again, and does not count.
  func decrease() { count.withLock { $0 = max($0 - 1, 0) } }
}
