internal import Synchronization

/// Whether the identities that machines share can be asked for: whoever would claim drops looks here first.
package final class FleetPresence: Sendable {
  private let failure = Mutex<LedgerFailure?>(nil)

  package init() {}

  /// Why nothing can be stored; nil where it can.
  package var trouble: LedgerFailure? { failure.withLock { $0 } }

  func set(_ new: LedgerFailure?) { failure.withLock { $0 = new } }
}
