package import Catalog
internal import DurableFiles
internal import Events
internal import Time

/// The state of the catalog and the folders, as of the last look.
package struct StoredState: Sendable {
  /// Nil if nothing has been stored yet.
  package var snapshot: StoreSnapshot?
  package var latest = LatestEvents()
  /// How many files are in `retry/` and `failed/`; nil if unknown.
  package var retry: Int?
  package var failed: Int?
  package var groups: [FailureGroup] = []
  /// The newest failed files, newest first.
  package var newest: [ListedEvent] = []
  /// What is claimed in `state/` and `retry/`, as far as is known.
  package var claims: [ClaimedGroup] = []
  /// Whether that is all; if not, a folder that may contain more cannot be read.
  package var isEveryClaimKnown = true

  package init() {}

  /// Takes over what is in `retry/` and `failed/`.
  mutating func take(_ overview: FailureOverview) {
    (retry, failed, groups, newest) = (overview.retry, overview.failed, overview.groups, overview.newest)
  }

  /// Takes over what is claimed.
  mutating func take(_ known: KnownClaims) { (claims, isEveryClaimKnown) = (known.groups, known.areAll) }
}

/// The content of `retry/` and `failed/`.
struct FailureOverview: Sendable {
  /// The number of files in each; nil for a folder that cannot be read.
  var retry: Int?
  var failed: Int?
  var groups: [FailureGroup]
  var newest: [ListedEvent]
  /// The folders that cannot be read, and why.
  private var unread: [(folder: EventStatus, failure: FileFailure)]

  /// How many files of a cause are listed individually.
  static let examples = 10

  /// Looks.
  ///
  /// - Throws: `StorageError`.
  init(of index: EventIndex) throws(StorageError) {
    groups = try index.failureGroups(examples: Self.examples)
    newest = try index.newestFailures(10)
    (retry, failed) = index.failureCounts()
    unread = index.unreadFailures()
  }

  /// Reports the folders that cannot be read, so that nobody knows what is in them.
  ///
  /// - Parameter now: The current time.
  /// - Returns: An item for each.
  func unreadItems(now: Timestamp) -> [Verdict.Item] {
    unread.map { Status.unreadItem($0.failure, subject: $0.folder.rawValue, now: now) }
  }
}
