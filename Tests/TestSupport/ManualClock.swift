internal import Synchronization
package import Time

/// A clock that a test sets.
package final class ManualClock: WallClock {
  private struct Watcher {
    var deadline: Duration
    var continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var now: Timestamp
    var uptime: Duration = .seconds(1000)
    var sleepers: [Int: (until: Duration, continuation: CheckedContinuation<Void, any Error>)] = [:]
    var nextSleeper = 0
    var watchers: [Watcher] = []
    /// Those who wait for any sleeper.
    var anyWatchers: [Int: CheckedContinuation<Void, Never>] = [:]
  }

  private let state: Mutex<State>

  /// A clock that shows this time.
  package init(_ now: String = "2026-11-23T12:00:00.000Z") {
    guard let time = Timestamp(rfc3339: now) else { preconditionFailure("\(now) is no time") }
    state = Mutex(State(now: time))
  }

  package func now() -> Timestamp { state.withLock { $0.now } }
  package func uptime() -> Duration { state.withLock { $0.uptime } }

  /// Whether anybody waits for the time to pass.
  package var hasSleepers: Bool { state.withLock { !$0.sleepers.isEmpty } }

  /// Sets the time of day, without any time passing: somebody set the clock.
  package func set(_ now: String) {
    guard let time = Timestamp(rfc3339: now) else { preconditionFailure("\(now) is no time") }
    state.withLock { $0.now = time }
  }

  /// Lets time pass, and wakes those whose wait is over.
  package func advance(by duration: Duration) {
    let woken = state.withLock { state in
      state.now = state.now + duration
      state.uptime += duration
      let over = state.sleepers.filter { $0.value.until <= state.uptime }.sorted {
        ($0.value.until, $0.key) < ($1.value.until, $1.key)
      }
      for sleeper in over { state.sleepers[sleeper.key] = nil }
      return over.map(\.value.continuation)
    }
    for continuation in woken { continuation.resume() }
  }

  /// Waits for a sleeper that is to wake exactly this long from now.
  package func waitForSleeper(for duration: Duration) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        let deadline = state.uptime + duration
        if state.sleepers.values.contains(where: { $0.until == deadline }) { return true }
        state.watchers.append(Watcher(deadline: deadline, continuation: continuation))
        return false
      }
      if isThere { continuation.resume() }
    }
  }

  /// Waits for a sleeper, and lets time pass until the first of them wakes.
  ///
  /// - Returns: False if the task was cancelled first.
  package func advanceToNextSleeper() async -> Bool {
    let id = state.withLock { state in
      state.nextSleeper += 1
      return state.nextSleeper
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if Task.isCancelled || !state.sleepers.isEmpty { return true }
          state.anyWatchers[id] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.anyWatchers.removeValue(forKey: id) }?.resume()
    }
    guard !Task.isCancelled else { return false }
    _ = advanceToFirstSleeper()
    return true
  }

  /// Lets time pass until the first sleeper wakes.
  ///
  /// - Returns: False if nobody sleeps.
  package func advanceToFirstSleeper() -> Bool {
    let rest = state.withLock { state in state.sleepers.values.map { $0.until - state.uptime }.min() }
    guard let rest else { return false }
    advance(by: rest)
    return true
  }

  /// Goes on from sleeper to sleeper until `body` has ended: nobody waits in real time.
  package func passing<Result: Sendable>(_ body: @Sendable () async throws -> Result) async rethrows -> Result {
    let ticking = Task {
      while await advanceToNextSleeper() { await Task.yield() }
    }
    defer { ticking.cancel() }
    return try await body()
  }

  package func sleep(for duration: Duration) async throws {
    try await sleep { $0 + duration }
  }

  /// Waits, but not too long if time has passed since its end was computed.
  package func sleep(until uptime: Duration) async throws {
    try await sleep { _ in uptime }
  }

  private func sleep(until deadline: @Sendable (_ now: Duration) -> Duration) async throws {
    let id = state.withLock { state in
      state.nextSleeper += 1
      return state.nextSleeper
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let (isOver, watchers): (Bool, [CheckedContinuation<Void, Never>]) = state.withLock { state in
          let deadline = deadline(state.uptime)
          if Task.isCancelled || deadline <= state.uptime { return (true, []) }
          state.sleepers[id] = (deadline, continuation)
          let watchers = state.watchers.filter { $0.deadline == deadline }.map(\.continuation)
          state.watchers.removeAll { $0.deadline == deadline }
          defer { state.anyWatchers = [:] }
          return (false, watchers + state.anyWatchers.values)
        }
        if isOver { Task.isCancelled ? continuation.resume(throwing: CancellationError()) : continuation.resume() }
        for watcher in watchers { watcher.resume() }
      }
    } onCancel: {
      let sleeper = state.withLock { $0.sleepers.removeValue(forKey: id) }
      sleeper?.continuation.resume(throwing: CancellationError())
    }
  }
}
