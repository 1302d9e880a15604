internal import CShims
internal import Glibc
internal import Synchronization

/// A value that another thread computes while the caller does something else.
package final class Background<Value: Sendable>: Sendable {
  private let value = Mutex<Value?>(nil)
  // Posted once, by the thread that computes the value; until then the thread holds this object.
  nonisolated(unsafe) private let made: UnsafeMutablePointer<sem_t>

  /// Starts computing it.
  ///
  /// - Parameters:
  ///   - name: The thread's name; the system keeps the first 15 bytes.
  ///   - mayWait: Whether it may wait a moment for a thread: if there are many of them, and nobody waits for a single one.
  ///   - make: Computes the value.
  package init(named name: String, mayWait: Bool = false, _ make: @escaping @Sendable () -> Value) {
    made = .allocate(capacity: 1)
    sem_init(made, 0, 0)
    SharedThreads.all.run(named: name, mayWait: mayWait) {
      let value = make()
      self.value.withLock { $0 = value }
      sem_post(self.made)
    }
  }

  deinit {
    sem_destroy(made)
    made.deallocate()
  }

  /// Waits for the value, which can be taken once: nil the second time.
  package func take() -> Value? {
    // Interrupted by a signal: keep waiting.
    while sem_wait(made) != 0 {}
    sem_post(made)
    return value.withLock { $0.take() }
  }

  /// The same, but waits only so long: nil if the value has not been computed by then.
  ///
  /// The thread goes on.
  package func take(within limit: Duration) -> Value? { isMade(within: limit) ? take() : nil }

  /// Waits at most so long until the value has been computed.
  ///
  /// - Returns: Whether it has.
  package func isMade(within limit: Duration) -> Bool {
    let (seconds, attoseconds) = max(limit, .zero).components
    guard eventdrop_wait_within(made, seconds * 1_000_000_000 + attoseconds / 1_000_000_000) == 0 else { return false }
    sem_post(made)
    return true
  }
}
