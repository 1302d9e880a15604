package import Catalog
package import Logging

/// What was done in one run.
package struct WorkSummary: Sendable {
  package var drops = 0
  package var stored = 0
  package var duplicates = 0
  /// Files and events that went to `retry/`.
  package var retried = 0
  /// Files and events that went to `failed/`.
  package var failed = 0
  /// Files that still have to settle.
  package var unsettled = 0
  /// Files that cannot be read or moved, and stay where they are.
  package var leftAlone = 0
  /// When the first unsettled file will have settled if it is left alone, by the monotonic clock; nil: there are none.
  package var settlesAt: Duration?
  /// How long it took to look through the folders.
  package var lookTime = Duration.zero

  package init() {}

  /// What was done, for the log.
  package var metadata: Logger.Metadata {
    [
      "drops": "\(drops)", "stored": "\(stored)", "duplicates": "\(duplicates)", "retry": "\(retried)",
      "failed": "\(failed)",
    ]
  }

  package mutating func count(_ place: FailedPlace?) {
    switch place {
    case .retry: retried += 1
    case .failed: failed += 1
    case nil: break
    }
  }

  package static func += (left: inout WorkSummary, right: WorkSummary) {
    left.drops += right.drops
    left.stored += right.stored
    left.duplicates += right.duplicates
    left.retried += right.retried
    left.failed += right.failed
    left.unsettled += right.unsettled
    left.leftAlone += right.leftAlone
    left.settlesAt = [left.settlesAt, right.settlesAt].compactMap(\.self).min()
    left.lookTime += right.lookTime
  }

  /// What was done between two summaries of the same work.
  package static func - (later: WorkSummary, earlier: WorkSummary) -> WorkSummary {
    var difference = WorkSummary()
    difference.drops = later.drops - earlier.drops
    difference.stored = later.stored - earlier.stored
    difference.duplicates = later.duplicates - earlier.duplicates
    difference.retried = later.retried - earlier.retried
    difference.failed = later.failed - earlier.failed
    difference.unsettled = later.unsettled - earlier.unsettled
    difference.leftAlone = later.leftAlone - earlier.leftAlone
    return difference
  }
}
