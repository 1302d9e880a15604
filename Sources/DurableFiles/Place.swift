internal import Concurrency
internal import Synchronization
internal import SystemPackage

/// A folder that `PatientFiles` asks, with what it contains.
final class Place: Sendable {
  private struct Pending {
    var begun: SuspendingClock.Instant
    var isOver: @Sendable (_ limit: Duration) -> Bool
  }

  /// A call that has not returned in time, or not yet; nil if none is known.
  private let pending = Mutex<Pending?>(nil)

  /// Whether a call has not returned.
  var isSilent: Bool { pending.withLock { $0 }.map { !$0.isOver(.zero) } ?? false }

  /// Makes a call, and does not wait for it; nor does anything if an earlier one has not returned.
  func begin(_ call: @escaping @Sendable () -> Void) {
    guard !isSilent else { return }
    let begun = Background(named: "files", mayWait: true, call)
    pending.withLock { $0 = Pending(begun: .now, isOver: begun.isMade) }
  }

  /// Makes a call on another thread.
  ///
  /// - Throws: `timedOut` if it does not return in time, or if an earlier one has not; or what the call throws.
  func ask<Value: Sendable>(
    within limit: Duration, _ call: @escaping @Sendable () throws(Errno) -> Value
  ) throws(Errno) -> Value {
    if let pending = pending.withLock({ $0 }), !pending.isOver(limit - pending.begun.duration(to: .now)) {
      throw .timedOut
    }
    let begun = SuspendingClock.Instant.now
    let called = Background(named: "files") { () -> Result<Value, Errno> in
      do throws(Errno) {
        return .success(try call())
      } catch {
        return .failure(error)
      }
    }
    let result = called.take(within: limit)
    pending.withLock { $0 = result == nil ? Pending(begun: begun, isOver: called.isMade) : nil }
    guard let result else { throw .timedOut }
    return try result.get()
  }
}
