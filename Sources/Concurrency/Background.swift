internal import Glibc
internal import Synchronization

/// A value that is made on another thread, while the caller goes on with something else.
package final class Background<Value: Sendable>: Sendable {
  private let value = Mutex<Value?>(nil)
  // Posted once, by the thread that makes the value; the thread holds this object until then.
  nonisolated(unsafe) private let made: UnsafeMutablePointer<sem_t>

  /// Begins to make it.
  ///
  /// - Parameters:
  ///   - name: The thread's name; the system keeps the first 15 bytes.
  ///   - make: Makes the value.
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

  /// Waits for the value, which can be had once: nil the second time.
  package func take() -> Value? {
    // Interrupted by a signal: wait on.
    while sem_wait(made) != 0 {}
    sem_post(made)
    return value.withLock { $0.take() }
  }
}
