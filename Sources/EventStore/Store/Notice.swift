internal import Synchronization

/// The listener for something that is reported once.
final class Notice<Value>: Sendable {
  private let listener = Mutex<(@Sendable (Value) -> Void)?>(nil)

  func set(_ action: @escaping @Sendable (Value) -> Void) { listener.withLock { $0 = action } }

  func give(_ value: Value) {
    let action = listener.withLock { listener in
      defer { listener = nil }
      return listener
    }
    action?(value)
  }
}

/// The listener for events becoming pending.
final class PendingSignal: Sendable {
  private let listener = Mutex<(@Sendable () -> Void)?>(nil)

  /// Whether anybody forwards what is stored.
  var isHeard: Bool { listener.withLock { $0 != nil } }

  func set(_ action: @escaping @Sendable () -> Void) { listener.withLock { $0 = action } }

  func raise() { listener.withLock { $0 }?() }
}
