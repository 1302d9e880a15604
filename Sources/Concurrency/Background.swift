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
  ///   - make: Computes the value.
  package init(named name: String, _ make: @escaping @Sendable () -> Value) {
    made = .allocate(capacity: 1)
    sem_init(made, 0, 0)
    SharedThreads.all.run(named: name, mayWait: false) {
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
}
