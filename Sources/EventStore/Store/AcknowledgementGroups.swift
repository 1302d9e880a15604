internal import Catalog

/// What n8n has taken from one partition with one batch.
struct Acknowledgement: Sendable {
  var entry: ForwardEntry
  var events: [PendingEvent]
}

/// Acknowledgements blocked while the disk handles others: those of one partition are written together.
struct AcknowledgementGroups {
  /// Those that came after the first of their group.
  private var followers: [Int64: [Follower]] = [:]

  struct Follower {
    var acknowledgement: Acknowledgement
    var whenNoted: CheckedContinuation<Result<Void, StorageError>, Never>
  }

  /// Whether a partition has a group that can still be joined.
  func isOpen(_ partition: Int64) -> Bool { followers[partition] != nil }

  /// Opens a partition's group, for the first of its acknowledgements.
  mutating func open(_ partition: Int64) { followers[partition] = [] }

  /// Joins an open group.
  mutating func join(_ partition: Int64, _ follower: Follower) { followers[partition]?.append(follower) }

  /// Closes a group: later ones belong to the next.
  ///
  /// - Returns: Those that have joined it.
  mutating func close(_ partition: Int64) -> [Follower] { followers.removeValue(forKey: partition) ?? [] }
}
