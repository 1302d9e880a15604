/// A lock per key: one task holds it exclusively, or several share it.
///
/// A call takes all its keys together, so that no two tasks deadlock. It is part of one actor's state.
package final class KeyedLock<Key: Hashable> {
  @usableFromInline var held: Set<Key> = []
  @usableFromInline var shares: [Key: Int] = [:]
  @usableFromInline let changed = Condition()

  @inlinable
  package init() {}

  /// Waits until nobody holds or shares any of these keys, then holds them.
  @inlinable
  package func hold(_ keys: [Key]) async {
    while !held.isDisjoint(with: keys) || isShared(keys) { await changed.wait() }
    held.formUnion(keys)
  }

  /// Releases what `hold` took.
  @inlinable
  package func release(_ keys: [Key]) {
    held.subtract(keys)
    changed.wakeAll()
  }

  /// Waits until nobody holds any of these keys exclusively.
  @inlinable
  package func waitUntilReleased(_ keys: [Key]) async {
    while !held.isDisjoint(with: keys) { await changed.wait() }
  }

  /// Waits until nobody holds any of these keys exclusively, then shares them: nobody can hold them until `unshare`.
  @inlinable
  package func share(_ keys: [Key]) async {
    await waitUntilReleased(keys)
    for key in keys { shares[key, default: 0] += 1 }
  }

  /// Releases what `share` took.
  @inlinable
  package func unshare(_ keys: [Key]) {
    for key in keys {
      let rest = shares[key, default: 1] - 1
      shares[key] = rest > 0 ? rest : nil
    }
    changed.wakeAll()
  }

  @inlinable
  func isShared(_ keys: [Key]) -> Bool {
    !shares.isEmpty && keys.contains { shares[$0] != nil }
  }
}
