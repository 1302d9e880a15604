internal import Glibc

/// Something that blocks a thread until another opens it; it stays open.
package final class Gate: Sendable {
  // Any thread may post and wait on a semaphore (sem_overview(7)); the memory lives as long as this object does.
  nonisolated(unsafe) private let semaphore: UnsafeMutablePointer<sem_t>

  package init() {
    semaphore = .allocate(capacity: 1)
    sem_init(semaphore, 0, 0)
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  package func open() { sem_post(semaphore) }

  /// Blocks the calling thread until the gate is open.
  package func wait() {
    while sem_wait(semaphore) != 0 {}  // interrupted by a signal: keep waiting
    sem_post(semaphore)
  }
}
