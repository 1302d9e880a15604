package import Catalog
internal import Synchronization
package import Time

/// Whether the identities that machines share are available: checked before drops are claimed; it also shows what this
/// machine's ledger last said.
package final class FleetPresence: Sendable {
  /// The machines, as last reported by the ledger.
  package struct View: Sendable {
    package var machines: [FleetMachine]
    /// When it reported them.
    package var at: Timestamp
  }

  private struct State {
    var failure: LedgerFailure?
    var view: View?
  }

  private let state = Mutex(State())

  package init() {}

  /// Why nothing can be stored; nil if it can.
  package var trouble: LedgerFailure? { state.withLock(\.failure) }

  /// Nil before the ledger has first answered.
  package var view: View? { state.withLock(\.view) }

  func set(_ failure: LedgerFailure?) { state.withLock { $0.failure = failure } }

  func set(_ view: View) { state.withLock { $0.view = view } }
}
