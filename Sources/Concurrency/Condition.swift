/// Lets several tasks wait for a change.
///
/// It is part of one actor's state: once woken, a waiter checks its condition again.
package final class Condition {
  private var waiting: [CheckedContinuation<Void, Never>] = []

  package init() {}

  /// Returns after the next `wakeAll()`.
  package func wait() async {
    await withCheckedContinuation { waiting.append($0) }
  }

  /// Wakes all waiters.
  package func wakeAll() {
    for continuation in waiting { continuation.resume() }
    waiting.removeAll()
  }
}
