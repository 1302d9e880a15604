internal import Synchronization

/// The listener for something that is reported once.
final class Notice<Value>: Sendable {
  private let listener = Mutex<(@Sendable (Value) -> Void)?>(nil)

  func set(_ tell: @escaping @Sendable (Value) -> Void) { listener.withLock { $0 = tell } }

  func tell(_ value: Value) {
    let tell = listener.withLock { listener in
      defer { listener = nil }
      return listener
    }
    tell?(value)
  }
}

/// The listener for events becoming pending.
final class PendingSignal: Sendable {
  private let listener = Mutex<(@Sendable () -> Void)?>(nil)

  /// Whether anybody forwards what is stored.
  var isHeard: Bool { listener.withLock { $0 != nil } }

  func set(_ tell: @escaping @Sendable () -> Void) { listener.withLock { $0 = tell } }

  func raise() { listener.withLock { $0 }?() }
}
