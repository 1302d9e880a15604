package import DurableFiles
internal import Events
internal import ExactJSON
internal import Logging
internal import Schedules
internal import Synchronization
internal import SystemPackage

/// Records that were moved back into their partitions together.
struct ReturnedRecords {
  fileprivate var moved: [(row: FailureRow, event: EventRow)]
  fileprivate var partitions: [Folder]
  fileprivate var isCharged: Bool
}

// Records that were set aside by a failed forward, and come back as what they were: the same writing, at its old place in the
// order. Whatever else has become of a file goes the way of a drop.
extension RecordStore {
  /// Puts back what no webhook could take, ahead of its time.
  ///
  /// - Returns: How many.
  /// - Throws: `StoreError`.
  package func takeBackUndelivered() async throws(StoreError) -> Int {
    try enterReturned()
    guard hasFailures else { return 0 }
    let rows = try StoreError.wrapping { () throws(CatalogError) in
      try catalog.failures(in: .retry, of: .unreachable)
    }
    return try await takeBack(rows, isCharged: true)
  }

  /// Puts back one file of `retry/`.
  ///
  /// - Returns: Whether it was a record that no webhook could take, and is pending again.
  /// - Throws: `StoreError`.
  package func takeBackUndelivered(_ name: FileName) async throws(StoreError) -> Bool {
    let row = try StoreError.wrapping { () throws(CatalogError) in try catalog.failure(in: .retry, name) }
    guard let row, row.reason == .unreachable else { return false }
    return try await takeBack([row], isCharged: true) == 1
  }

  /// Puts these events back, wherever a failed forward has set them aside, as if it had not been.
  ///
  /// - Returns: How many.
  /// - Throws: `StoreError`.
  package func giveBack(_ events: [PendingEvent]) async throws(StoreError) -> Int {
    var rows: [FailureRow] = []
    for event in events {
      rows += try StoreError.wrapping { () throws(CatalogError) in try catalog.failures(ofEvent: event.eventId) }
        .filter { $0.reason == .rejected }
    }
    return try await takeBack(rows, isCharged: false)
  }

  private func takeBack(_ rows: [FailureRow], isCharged: Bool) async throws(StoreError) -> Int {
    guard !rows.isEmpty else { return 0 }
    await waitUntilWritten(rows.compactMap(\.eventId))
    var moved: [(row: FailureRow, event: EventRow)] = []
    var partitions: [Folder] = []
    do throws(StoreError) {
      for row in rows {
        guard let (event, partition) = try move(row) else { continue }
        if !isCharged { (row.place == .retry ? retry : failed).arrivals.decrease() }
        moved.append((row, event))
        if !partitions.contains(where: { $0.path == partition.path }) { partitions.append(partition) }
      }
    } catch {
      // What was moved is in the tree, and the catalog is told of it at the next occasion.
      if !moved.isEmpty { returned.append(ReturnedRecords(moved: moved, partitions: partitions, isCharged: isCharged)) }
      throw error
    }
    if !moved.isEmpty { returned.append(ReturnedRecords(moved: moved, partitions: partitions, isCharged: isCharged)) }
    try enterReturned()
    return moved.count
  }

  /// Tells the catalog of records that are back in their partitions, if that failed before.
  func enterReturned() throws(StoreError) {
    while let first = returned.first {
      try enter(first.moved, first.partitions, isCharged: first.isCharged)
      returned.removeFirst()
    }
  }

  /// Moves a file into the partition that its record came from, if it is that record still.
  private func move(_ row: FailureRow) throws(StoreError) -> (EventRow, Folder)? {
    guard let eventId = row.eventId, let sidecar = row.name.sidecar,
      let event = try StoreError.wrapping({ () throws(CatalogError) in try catalog.event(eventId) }),
      event.state == .gone
    else { return nil }
    let folder = (row.place == .retry ? retry : failed).folder
    return try StoreError.wrappingFiles { () throws(FileFailure) -> (EventRow, Folder)? in
      // One that somebody has edited since is a drop like any other.
      guard let status = try folder.status(of: row.name), status.isPlain, status.size == event.bytes,
        let report = try folder.status(of: sidecar), status.changed <= report.changed,
        let partition = try partition(event.partition),
        case .bytes(let bytes) = try folder.recordFile(row.name)
      else { return nil }
      var document = JSONDocument()
      guard let record = try? ProcessedEvent(bytes.span, using: &document), record.eventId == eventId,
        record.updatedAt == event.updatedAt
      else { return nil }
      let name = EventKey(eventId: eventId).recordName
      guard try folder.move(row.name, to: partition, as: name, isQuiet: true) == .done else { return nil }
      return (event, partition)
    }
  }

  /// Brings the names to disk, and then tells the catalog.
  private func enter(
    _ moved: [(row: FailureRow, event: EventRow)], _ partitions: [Folder], isCharged: Bool
  ) throws(StoreError) {
    guard !moved.isEmpty else { return }
    try StoreError.wrappingFiles { () throws(FileFailure) in
      for partition in partitions { try partition.sync() }
      for folder in [retry, failed] where moved.contains(where: { $0.row.place == folder.place }) {
        try folder.folder.sync()
      }
    }
    try StoreError.wrapping { () throws(CatalogError) in
      try catalog.connection.transaction { () throws(CatalogError) in
        for (row, event) in moved {
          try catalog.setBack(sequence: event.sequence, failedOf: row.reason, isCharged: isCharged)
          let back = Rewriting(time: clock.now(), failedOf: row.reason)
          if isCharged { try catalog.putRewriting(back, ofEvent: event.eventId) }
        }
      }
    }
    for (row, _) in moved { try forgetFailure(in: row.place == .retry ? retry : failed, row.name) }
    // They are older than what was put together since.
    try dissolveBatches()
    listener.withLock { $0 }?()
  }
}
