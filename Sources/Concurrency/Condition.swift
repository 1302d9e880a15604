/// Lets several tasks wait for a change.
///
/// It belongs to one actor, as its state: whoever waits looks again, once woken, at what it waits for.
package final class Condition {
  private var waiting: [CheckedContinuation<Void, Never>] = []

  package init() {}

  /// Returns after the next `wakeAll()`.
  package func wait() async {
    await withCheckedContinuation { waiting.append($0) }
  }

  /// Wakes all that wait.
  package func wakeAll() {
    for continuation in waiting { continuation.resume() }
    waiting.removeAll()
  }
}
