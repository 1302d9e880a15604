internal import Synchronization

/// A wait that others can end: it ends at its time or when it is rung, whichever comes first.
///
/// A ring while nobody waits is kept, once, for the next wait.
package final class Wakeup: Sendable {
  private struct State {
    var isRung = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  package init() {}

  /// Ends the wait, or the next one if nobody waits.
  package func ring() {
    let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard let waiter = state.waiter else {
        state.isRung = true
        return nil
      }
      state.waiter = nil
      return waiter
    }
    waiter?.resume()
  }

  /// Waits for a ring or for a time; only one task at a time may wait.
  ///
  /// - Parameters:
  ///   - duration: The longest wait; nil: until it is rung.
  ///   - clock: The clock that measures it.
  package func wait(for duration: Duration?, by clock: any WallClock) async {
    guard let duration else {
      await waitForRing()
      return
    }
    guard duration > .zero else { return }
    await withTaskGroup { group in
      group.addTask { try? await clock.sleep(for: duration) }
      group.addTask { await self.waitForRing() }
      await group.next()
      group.cancelAll()
    }
  }

  private func waitForRing() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state -> Bool in
          if state.isRung || Task.isCancelled {
            state.isRung = false
            return true
          }
          state.waiter = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      // Not a ring: nothing is kept for the next wait.
      let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
        defer { state.waiter = nil }
        return state.waiter
      }
      waiter?.resume()
    }
  }
}
