package import EventStore

/// The state of the catalog and the folders, as of the last look.
package struct StoredState: Sendable {
  /// Nil if nothing has been stored yet.
  package var snapshot: StoreSnapshot?
  package var latest = LatestEvents()
  /// How many files are in `retry/` and `failed/`.
  package var retry = 0
  package var failed = 0
  package var groups: [FailureGroup] = []
  /// The newest failed files, newest first.
  package var newest: [ListedEvent] = []
  /// What is claimed in `state/`.
  package var claims: [ClaimedGroup] = []

  package init() {}

  /// Takes over what is in `retry/` and `failed/`.
  mutating func take(_ overview: FailureOverview) {
    (retry, failed, groups, newest) = (overview.retry, overview.failed, overview.groups, overview.newest)
  }
}

/// The content of `retry/` and `failed/`.
struct FailureOverview: Sendable {
  var retry: Int
  var failed: Int
  var groups: [FailureGroup]
  var newest: [ListedEvent]

  /// How many files of a cause are listed individually.
  static let examples = 10

  /// Looks.
  ///
  /// - Throws: `StorageError`.
  init(of index: EventIndex) throws(StorageError) {
    (retry, failed) = try index.failureCounts()
    groups = try index.failureGroups(examples: Self.examples)
    newest = try index.newestFailures(10)
  }
}
