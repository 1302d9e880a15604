/// A lock for each key: one task holds it alone, or several share it.
///
/// All keys of a call are taken together, so that no two tasks wait for each other. It belongs to one actor, as its state.
package final class KeyedLock<Key: Hashable> {
  @usableFromInline var held: Set<Key> = []
  @usableFromInline var shares: [Key: Int] = [:]
  @usableFromInline let changed = Condition()

  @inlinable
  package init() {}

  /// Waits until nobody holds or shares any of these keys, and holds them.
  @inlinable
  package func hold(_ keys: [Key]) async {
    while !held.isDisjoint(with: keys) || isShared(keys) { await changed.wait() }
    held.formUnion(keys)
  }

  /// Lets go what `hold` took.
  @inlinable
  package func release(_ keys: [Key]) {
    held.subtract(keys)
    changed.wakeAll()
  }

  /// Waits until nobody holds any of these keys alone.
  @inlinable
  package func waitUntilReleased(_ keys: [Key]) async {
    while !held.isDisjoint(with: keys) { await changed.wait() }
  }

  /// Waits until nobody holds any of these keys alone, and shares them: until it is done with them, nobody can hold them.
  @inlinable
  package func share(_ keys: [Key]) async {
    await waitUntilReleased(keys)
    for key in keys { shares[key, default: 0] += 1 }
  }

  /// Lets go what `share` took.
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
