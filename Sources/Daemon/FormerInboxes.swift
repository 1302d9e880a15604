internal import Catalog
internal import Concurrency
internal import DurableFiles
internal import EventStore
internal import Intake

/// Takes up what was claimed from folders that are no longer inboxes, on its own thread.
actor FormerInboxes {
  private let queue = SerialQueue(name: "former inboxes")
  nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

  private let origins: ClaimOrigins
  private let inboxes: [InboxOptions]
  private let patient = PatientFiles()
  private var areAtWork = false

  /// - Parameters:
  ///   - origins: Where claims came from.
  ///   - inboxes: Today's inboxes.
  init(_ origins: ClaimOrigins, besides inboxes: [InboxOptions]) {
    self.origins = origins
    self.inboxes = inboxes
  }

  /// Puts back what can be put back now.
  ///
  /// The first call comes before today's inboxes start to work, later ones while they do.
  ///
  /// - Returns: Which of these folders do not answer; to be tried again.
  /// - Throws: `StorageError`.
  func takeUp() async throws(StorageError) -> [FileFailure] {
    defer { areAtWork = true }
    return try await origins.takeUpOrphans(besides: inboxes, areAtWork: areAtWork, asking: patient)
  }
}
