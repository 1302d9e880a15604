internal import Synchronization

/// A world with one thread, whose clock advances as soon as nobody in it has anything to do.
///
/// Tasks take turns in the order in which they were woken, and the same dice give the same run. A simulated day costs
/// the time of its work. Code that blocks a thread, or wakes a task from another one, is not allowed here.
package final class Simulation: TaskExecutor {
  /// Nobody sleeps, nobody can continue, and the end has not been reached.
  package struct Standstill: Error {}

  private final class Ending<Value: Sendable>: Sendable {
    let result = Mutex<Result<Value, any Error>?>(nil)
  }

  package let clock = ManualClock()
  private let jobs = Mutex<[UnownedJob]>([])

  package init() {}

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
  }

  /// Runs `body`, and the child tasks it starts, to the end.
  ///
  /// - Throws: `Standstill`, and what `body` throws.
  package func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
    let ending = Ending<Value>()
    Task(executorPreference: self) {
      let result: Result<Value, any Error>
      do { result = .success(try await body()) } catch { result = .failure(error) }
      ending.result.withLock { $0 = result }
    }
    while true {
      let ready = jobs.withLock { jobs in
        defer { jobs = [] }
        return jobs
      }
      for job in ready { job.runSynchronously(on: asUnownedTaskExecutor()) }
      guard ready.isEmpty else { continue }
      if let result = ending.result.withLock(\.self) { return try result.get() }
      guard clock.advanceToFirstSleeper() else { throw Standstill() }
    }
  }
}
