internal import Events

/// Who says whether an event may be stored, between the store and its catalog: nobody, or the ledger of a fleet.
protocol Identities {
  /// Makes sure that events can be claimed; it may take as long as all records of the tree.
  ///
  /// - Throws: `StorageError`; nothing is stored then.
  func prepare() async throws(StorageError)

  /// Claims events, before anything of them is written.
  ///
  /// - Parameter events: They; what another machine has is taken out.
  /// - Returns: What becomes of those, by their index in the portion; and under what the others may be stored.
  /// - Throws: `StorageError`; nothing may be stored then.
  func claim(
    _ events: inout ArraySlice<AdmittedEvent>
  ) async throws(StorageError) -> (others: [(index: Int, outcome: CommitOutcome)], grant: ClaimGrant?)

  /// Makes sure, before records get their names, that nobody can have taken what was claimed.
  ///
  /// - Throws: `StorageError`.
  func check(_ grant: ClaimGrant?) throws(StorageError)

  /// Says that the records of events have their names, on disk.
  ///
  /// Where it returns, `didEnter` must be called once their rows are in the catalog, or cannot be: what the tree holds is put
  /// back only when the catalog has all that was confirmed.
  ///
  /// - Parameters:
  ///   - events: They.
  ///   - grant: Under what they were claimed.
  /// - Returns: Those that are still this machine's; those that another has taken; and what is to be noted beside their rows.
  /// - Throws: `StorageError`.
  func confirm(
    _ events: [AdmittedEvent], under grant: ClaimGrant?
  ) async throws(StorageError) -> ConfirmedRecords

  func didEnter()
}

/// Under what events were claimed.
struct ClaimGrant: Sendable {
  /// The ledger's word for when this machine joined.
  var epoch: Int64
  /// Until when nobody else can have taken them, by the clock that nobody sets.
  var end: Duration
}

/// What the ledger says of records that have their names.
struct ConfirmedRecords {
  var ours: [AdmittedEvent]
  var others: [AdmittedEvent] = []
  /// To be noted beside their rows.
  var counter: Int64?
}

/// A machine that stands alone: all is its own.
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
