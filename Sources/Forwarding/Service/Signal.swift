package import Schedules
internal import Synchronization

/// Wakes those who wait for something to have changed.
///
/// Whoever waits remembers the generation before he looks, so that nothing that changes in between is missed.
package final class Signal: Sendable {
  private struct State {
    var generation = 0
    var nextWaiter = 0
    var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
  }

  private let state = Mutex(State())

  package init() {}

  package var generation: Int { state.withLock(\.generation) }

  package func raise() {
    let waiters = state.withLock { state in
      state.generation += 1
      defer { state.waiters = [:] }
      return state.waiters
    }
    for waiter in waiters.values { waiter.resume() }
  }

  /// Waits until it is raised after that generation, or the time is over, or the task is cancelled.
  ///
  /// - Parameters:
  ///   - generation: What it was when the waiting one looked.
  ///   - uptime: Until when at most; nil: as long as it takes.
  ///   - clock: Who measures it.
  package func wait(after generation: Int, until uptime: Duration? = nil, clock: any WallClock) async {
    guard let uptime else { return await wait(after: generation) }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.wait(after: generation) }
      group.addTask { try? await clock.sleep(until: uptime) }
      await group.next()
      group.cancelAll()
    }
  }

  /// Waits until it is raised after that generation, or the task is cancelled.
  package func wait(after generation: Int) async {
    let waiter = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          guard state.generation == generation, !Task.isCancelled else { return true }
          state.waiters[waiter] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume()
    }
  }
}
