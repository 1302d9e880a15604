internal import CShims
internal import Glibc
internal import Synchronization

/// A dedicated thread that runs the jobs of the actors that use it as their executor, one at a time.
///
/// Blocking calls (files, SQLite, libcurl) belong on such a thread: on Swift's cooperative pool, which has one thread
/// per core, two of them could block everything else.
package final class SerialThread: SerialExecutor {
  private let jobs: JobQueue

  /// Starts the thread.
  ///
  /// - Parameter name: What `top -H` and debuggers call it; the system keeps the first 15 bytes (pthread_setname_np(3)).
  package init(name: String) {
    let jobs = JobQueue()
    self.jobs = jobs
    startDetachedThread(named: name) {
      while let next = jobs.waitForNext() {
        next.job.runSynchronously(on: next.executor)
      }
    }
  }

  deinit {
    jobs.close()
  }

  /// Whether anyone waits for the current job to end.
  package var isAwaited: Bool { jobs.isAwaited }

  package func enqueue(_ job: consuming ExecutorJob) {
    jobs.append(QueuedJob(job: UnownedJob(job), executor: asUnownedSerialExecutor()))
  }
}

private struct QueuedJob: Sendable {
  var job: UnownedJob
  var executor: UnownedSerialExecutor
}

/// First in, first out; the thread sleeps on a semaphore while the queue is empty.
private final class JobQueue: Sendable {
  private struct State {
    var waiting: [QueuedJob] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  // Any thread may post and wait on a semaphore (sem_overview(7)); the memory lives as long as this object does.
  nonisolated(unsafe) private let available: UnsafeMutablePointer<sem_t>

  init() {
    available = .allocate(capacity: 1)
    sem_init(available, 0, 0)
  }

  deinit {
    sem_destroy(available)
    available.deallocate()
  }

  func append(_ job: QueuedJob) {
    state.withLock { $0.waiting.append(job) }
    sem_post(available)
  }

  var isAwaited: Bool { state.withLock { !$0.waiting.isEmpty } }

  func close() {
    state.withLock { $0.isClosed = true }
    sem_post(available)
  }

  /// The next job, or nil once the queue is closed and empty.
  func waitForNext() -> QueuedJob? {
    while true {
      while sem_wait(available) != 0 {}  // interrupted by a signal: keep waiting
      let next: QueuedJob?? = state.withLock { state in
        guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
        return state.isClosed ? .some(nil) : nil
      }
      if let next { return next }
    }
  }
}

private final class ThreadStart {
  let name: String
  let body: @Sendable () -> Void

  init(name: String, body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }
}

/// Runs `body` on a new thread that nobody joins.
///
/// - Parameters:
///   - name: The thread's name.
///   - body: The code to run.
package func startDetachedThread(named name: String, _ body: @escaping @Sendable () -> Void) {
  let start = Unmanaged.passRetained(ThreadStart(name: name, body: body)).toOpaque()
  var thread = pthread_t()
  let result = pthread_create(
    &thread, nil,
    { argument in
      guard let argument else { return nil }
      let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
      eventdrop_name_thread(String(decoding: start.name.utf8.prefix(15), as: UTF8.self))
      start.body()
      return nil
    }, start)
  precondition(result == 0, "the system refuses to start a thread (pthread_create: error \(result))")
  pthread_detach(thread)
}
