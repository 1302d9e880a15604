internal import Catalog
internal import Events

/// Decides whether an event may be stored, between the store and its catalog: a single machine always may, in a fleet
/// the ledger decides.
protocol Identities {
  /// Makes sure that events can be claimed; this may take as long as reading all records of the tree.
  ///
  /// - Throws: `StorageError`; then nothing is stored.
  func prepare() async throws(StorageError)

  /// Claims events, before anything of them is written.
  ///
  /// - Parameter events: The events; those that another machine has are removed.
  /// - Returns: The outcomes of those, by index in the portion; and the grant under which the others may be stored.
  /// - Throws: `StorageError`; then nothing may be stored.
  func claim(
    _ events: inout ArraySlice<AdmittedEvent>
  ) async throws(StorageError) -> (others: [(index: Int, outcome: CommitOutcome)], grant: ClaimGrant?)

  /// Makes sure, before records get their names, that nobody can have taken what was claimed.
  ///
  /// - Throws: `StorageError`.
  func check(_ grant: ClaimGrant?) throws(StorageError)

  /// Reports that the records of events have their names, on disk.
  ///
  /// If it returns, `didEnter` must be called once their rows are in the catalog, or cannot be: the content of the tree
  /// is put back only when the catalog has everything that was confirmed.
  ///
  /// - Parameters:
  ///   - events: The events.
  ///   - grant: The grant of their claim.
  /// - Returns: Those that are still this machine's; those that another has taken; and what to note beside their rows.
  /// - Throws: `StorageError`.
  func confirm(
    _ events: [AdmittedEvent], under grant: ClaimGrant?
  ) async throws(StorageError) -> ConfirmedRecords

  func didEnter()
}

/// The terms on which events were claimed.
struct ClaimGrant: Sendable {
  /// The ledger's number for when this machine joined.
  var epoch: Int64
  /// Until when nobody else can have taken them, by the monotonic clock.
  var end: Duration
}

/// What the ledger says about records that have their names.
struct ConfirmedRecords {
  var ours: [AdmittedEvent]
  var others: [AdmittedEvent] = []
  /// To be noted beside their rows.
  var counter: Int64?
}

/// A single machine: everything is its own.
struct OwnIdentities: Identities {
  func prepare() {}

  func claim(
    _ events: inout ArraySlice<AdmittedEvent>
  ) -> (others: [(index: Int, outcome: CommitOutcome)], grant: ClaimGrant?) { ([], nil) }

  func check(_ grant: ClaimGrant?) {}

  func confirm(_ events: [AdmittedEvent], under grant: ClaimGrant?) -> ConfirmedRecords {
    ConfirmedRecords(ours: events)
  }

  func didEnter() {}
}
