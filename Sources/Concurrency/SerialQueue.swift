internal import Glibc
internal import Synchronization

/// Runs the jobs of the actors that use it as their executor, one at a time, on a thread borrowed while there are jobs.
///
/// It is for work that blocks now and then and is idle most of the time: hundreds of queues share a few threads. A
/// queue whose calls hang delays the others for a moment at most (`SharedThreads`).
package final class SerialQueue: SerialExecutor {
  private struct QueuedJob: Sendable {
    var job: UnownedJob
    var executor: UnownedSerialExecutor
  }

  private struct State {
    var waiting: [QueuedJob] = []
    /// Whether a thread is borrowed.
    var isRunning = false
  }

  private let name: String
  private let state = Mutex(State())

  /// - Parameter name: What `top -H` and debuggers call the thread while it is borrowed; the system keeps the first 15
  ///   bytes (pthread_setname_np(3)).
  package init(name: String) {
    self.name = name
  }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = QueuedJob(job: UnownedJob(job), executor: asUnownedSerialExecutor())
    let isFirst = state.withLock { state in
      state.waiting.append(job)
      defer { state.isRunning = true }
      return !state.isRunning
    }
    if isFirst { SharedThreads.all.run(named: name, mayWait: true) { self.drain() } }
  }

  private func drain() {
    while let next = next() { next.job.runSynchronously(on: next.executor) }
  }

  private func next() -> QueuedJob? {
    state.withLock { state in
      guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
      state.isRunning = false
      return nil
    }
  }
}
