internal import DurableFiles
internal import Events
internal import ExactJSON
internal import Logging
internal import Schedules
internal import Synchronization
internal import SystemPackage

extension RecordStore {
  /// Stores a portion of events: their records' bytes are on disk before their names are, the names before the catalog
  /// knows of them, and all of that before this returns.
  ///
  /// - Returns: What became of each, in order.
  /// - Throws: `StoreError`: some of the portion may be stored then, the rest is not. The drops must be kept, and the whole
  ///   portion given again; what was stored is a duplicate then.
  package func commit(_ portion: [Submission]) async throws(StoreError) -> [CommitOutcome] {
    let eventIds = portion.map(\.event.eventId)
    let turn = await beginCommit(of: eventIds)
    defer { endCommit(turn, of: eventIds) }
    try checkFolders()
    try await enterOwed()
    var outcomes = [CommitOutcome?](repeating: nil, count: portion.count)
    var group = WriteGroup(turn: turn)
    var inThisPortion: [EventID: Int] = [:]
    let rows = try StoreError.wrapping { () throws(CatalogError) in try catalog.events(eventIds) }
    // Asked each time, and after the rows: `eventdrop prune`, which may run beside us, writes identities before it removes
    // rows.
    let hasIdentities = try StoreError.wrapping { () throws(CatalogError) in try catalog.hasIdentities() }
    for (index, submission) in portion.enumerated() {
      let event = submission.event
      var row = rows[index]
      await letOthersGoFirst(before: index)
      // An eventId that stands in this portion already is compared with the record that the first of them becomes.
      if inThisPortion.updateValue(index, forKey: event.eventId) != nil {
        try await publish(&group, &outcomes)
        row = try StoreError.wrapping { () throws(CatalogError) in try catalog.event(event.eventId) }
      }
      if let earlier = try earlierRecord(of: event, row, hasIdentities) {
        outcomes[index] = earlier
        continue
      }
      if let conflict = try conflictWithCopy(of: submission) {
        outcomes[index] = conflict
        continue
      }
      try await add(submission, earlier: row, at: index, to: &group, &outcomes)
      if options.durability == .each { try await publish(&group, &outcomes) }
    }
    try await publish(&group, &outcomes, isLast: true)
    let done = outcomes.map { $0 ?? .stored(superseded: 0) }
    if done.contains(where: \.isStored) { listener.withLock { $0 }?() }
    return done
  }

  // MARK: Writing

  /// Makes the record of an event, which is written with the others of its group.
  private func add(
    _ submission: Submission, earlier: EventRow?, at index: Int, to group: inout WriteGroup,
    _ outcomes: inout [CommitOutcome?]
  ) async throws(StoreError) {
    let event = submission.event
    let now = clock.now()
    // An acknowledgement belongs to the writing that is older than it, so each writing is later than those of the one
    // before, also where the clock was set back. Only the clock says which day it is.
    var writtenAt = now
    if let earlier {
      let latest = max(earlier.forwardedAt ?? earlier.updatedAt, earlier.updatedAt)
      writtenAt = min(max(now, latest + .milliseconds(1)), Timestamp.writable.upperBound)
    }
    let createdAt =
      switch (event.createdAt, earlier?.createdAt) {
      case (let one?, let other?): min(one, other)
      case (let time?, nil), (nil, let time?): time
      case (nil, nil): now
      }
    // What comes back by itself because no webhook could take it is still the same writing: sent alone, it is the same
    // batch as before.
    let isSameWriting =
      submission.history?.reason.course == .retriedForever && earlier?.state == .gone && earlier?.forwardedAt == nil
    let updatedAt = isSameWriting ? earlier?.updatedAt ?? now : writtenAt
    let date = options.timeZone.date(of: now)
    if let open = group.date, open != date { try await publish(&group, &outcomes) }
    group.date = date
    group.writes.append(
      WriteGroup.Write(
        index: index, submission: submission,
        record: event.record(processedAt: now, createdAt: createdAt, updatedAt: updatedAt), createdAt: createdAt,
        updatedAt: updatedAt, processedAt: now,
        rewriting: earlier.map { _ in Rewriting(time: now, failedOf: submission.history?.reason) }))
  }

  /// Brings a group of records to disk, gives them their names, and tells the catalog; with `isLast` it is the portion's last
  /// group, and the next portion's turn comes as soon as it has its names.
  private func publish(
    _ group: inout WriteGroup, _ outcomes: inout [CommitOutcome?], isLast: Bool = false
  ) async throws(StoreError) {
    guard let date = group.date, !group.writes.isEmpty else { return }
    defer { group = WriteGroup(turn: group.turn) }
    let partition = try StoreError.wrappingFiles { () throws(FileFailure) in try tree.partition(making: date) }
    var rest = group.writes[...]
    while !rest.isEmpty {
      let ticket = try StoreError.wrappingFiles { () throws(FileFailure) in try barrier.begin() }
      let files = try await write(rest.map(\.record), in: partition, mayWait: turns.first != group.turn)
      guard !files.isEmpty else {
        await wait(for: group.turn)
        continue
      }
      let writes = rest.prefix(files.count)
      rest = rest.dropFirst(files.count)
      try await sync(files, ticket)
      await wait(for: group.turn)
      let id = try partitionNumber(date)
      let (named, failure) = try await name(writes, files, in: partition, date, id, &outcomes)
      if let failure, named.isEmpty { throw failure }
      // From here on, until they are entered, these records have names and no rows.
      let owed = OwedEntry(writes: named, partition: partition, date: date, id: id)
      unentered[date, default: 0] += 1
      if isLast, rest.isEmpty, failure == nil { endTurn(group.turn) }
      do {
        try await enter(owed)
      } catch {
        owedEntries.append(owed)
        throw failure ?? error
      }
      let superseded = try supersedeCopies(of: owed)
      if let failure { throw failure }
      for (index, count) in superseded { outcomes[index] = .stored(superseded: count) }
    }
  }

  /// Writes records to files that have no names yet: as many of them as there are descriptors for, and none only if
  /// `mayWait`, where others hold descriptors that they will let go.
  private func write(
    _ records: [[UInt8]], in partition: Folder, mayWait: Bool
  ) async throws(StoreError) -> [UnnamedFile] {
    let mode = options.fileMode
    return try await writingThread.run { () throws(FileFailure) in
      var files: [UnnamedFile] = []
      files.reserveCapacity(records.count)
      for record in records {
        let file: UnnamedFile
        do throws(FileFailure) {
          file = try UnnamedFile(in: partition, mode: mode)
        } catch {
          guard error.errno == .tooManyOpenFiles, mayWait || !files.isEmpty else { throw error }
          break
        }
        try file.write(record.span)
        files.append(file)
      }
      return files
    }
  }

  /// Gives records whose bytes are on disk their names.
  ///
  /// - Returns: Which of them got one, and why the others did not, if anything failed: what has its name is to be entered
  ///   whatever befell the others, or no row would lead to it after midnight.
  private func name(
    _ writes: ArraySlice<WriteGroup.Write>, _ files: [UnnamedFile], in partition: Folder, _ date: CalendarDate,
    _ id: Int64, _ outcomes: inout [CommitOutcome?]
  ) async throws(StoreError) -> (named: [WriteGroup.Write], failure: StoreError?) {
    let names = writes.map(\.submission.event.key.recordName)
    var (areNamed, unnamed): ([Bool], FileFailure?) = try await writingThread.run { () throws(FileFailure) in
      var areNamed: [Bool] = []
      areNamed.reserveCapacity(files.count)
      for (file, name) in zip(files, names) {
        do throws(FileFailure) {
          areNamed.append(try file.publish(as: name))
        } catch {
          return (areNamed, Optional(error))
        }
      }
      return (areNamed, nil)
    }
    var failure = unnamed.map { StoreError.files($0) }
    do throws(StoreError) {
      for (place, write) in zip(areNamed.indices, writes) where !areNamed[place] {
        areNamed[place] = try nameOrAdopt(write, files[place], in: partition, date, id, &outcomes)
      }
    } catch {
      failure = failure ?? error
    }
    let named = zip(writes, areNamed).filter(\.1).map(\.0)
    for write in named { outcomes[write.index] = .stored(superseded: 0) }
    return (named, failure)
  }

  /// Deals with a record whose name is taken by one that the catalog does not know: stored by a run that was cut off here, or
  /// put there by a person.
  ///
  /// - Returns: Whether the record got its name all the same.
  private func nameOrAdopt(
    _ write: WriteGroup.Write, _ file: UnnamedFile, in partition: Folder, _ date: CalendarDate, _ id: Int64,
    _ outcomes: inout [CommitOutcome?]
  ) throws(StoreError) -> Bool {
    let event = write.submission.event
    if let outcome = try compare(event, withRecordIn: date) {
      outcomes[write.index] = outcome
      if case .duplicate = outcome { try adopt(event, in: partition, id) }
      return false
    }
    let name = event.key.recordName
    let isNamed = try StoreError.wrappingFiles { () throws(FileFailure) in try file.publish(as: name) }
    guard isNamed else { throw .files(FileFailure("name a file", partition.pathText(of: name), .fileExists)) }
    return true
  }

  /// Brings the names to disk, and then tells the catalog.
  private func enter(_ owed: OwedEntry) async throws(StoreError) {
    let partition = owed.partition
    if options.durability != .off { try await namesThread.run { () throws(FileFailure) in try partition.sync() } }
    do throws(CatalogError) {
      try enter(owed.writes, inPartition: owed.id)
    } catch {
      throw .catalog(error)
    }
    didEnter(owed.date, owed.id)
  }

  /// - Returns: Of which events of the portion how many copies have moved to `failed/`.
  @discardableResult
  private func supersedeCopies(of entered: OwedEntry) throws(StoreError) -> [(index: Int, superseded: Int)] {
    var moved: [(index: Int, superseded: Int)] = []
    for write in entered.writes where hasFailures {
      let count = try supersedeCopies(of: write.submission.event)
      if count > 0 { moved.append((write.index, count)) }
    }
    return moved
  }

  /// Tells the catalog of records that have their names and whose entry failed: no identity is decided before, for no row
  /// leads to them.
  private func enterOwed() async throws(StoreError) {
    while isEnteringOwed { await waitForAnother() }
    guard !owedEntries.isEmpty else { return }
    isEnteringOwed = true
    defer {
      isEnteringOwed = false
      wakeThoseWhoWait()
    }
    while let owed = owedEntries.first {
      try await enter(owed)
      owedEntries.removeFirst()
      try supersedeCopies(of: owed)
    }
  }

  /// Counts an entry, and closes a day that is over once it was the last.
  private func didEnter(_ date: CalendarDate, _ id: Int64) {
    unentered[date, default: 1] -= 1
    guard unentered[date] == 0 else { return }
    unentered[date] = nil
    if openPartition?.date != date { closeInCatalog(date, id) }
  }

  /// The barrier before the names.
  ///
  /// - Parameters:
  ///   - files: The records.
  ///   - ticket: Got before the first of them was written.
  /// - Throws: `StoreError`: they have to be written again then.
  private func sync(_ files: [UnnamedFile], _ ticket: Barrier.Ticket) async throws(StoreError) {
    if options.durability == .group && files.count > 4 {
      let barrier = barrier
      return try await barrierThread.run { () throws(FileFailure) in try barrier.wait(for: ticket) }
    }
    guard options.durability != .off else { return }
    try StoreError.wrappingFiles { () throws(FileFailure) in
      for file in files { try file.sync() }
    }
  }

  private func enter(_ writes: [WriteGroup.Write], inPartition id: Int64) throws(CatalogError) {
    let isForwarded = listener.withLock { $0 != nil }
    let rows = zip(nextSequence..., writes).map { sequence, write in
      let (event, history) = (write.submission.event, write.submission.history)
      return EventRow(
        sequence: sequence, eventId: event.eventId, eventType: event.eventType, partition: id,
        inbox: event.source.inbox, bytes: write.record.count, createdAt: write.createdAt, updatedAt: write.updatedAt,
        state: .pending, forwardedAt: nil, attempts: history?.attempts ?? 0, firstFailedAt: history?.firstFailedAt,
        failedOf: history?.reason)
    }
    nextSequence += Int64(rows.count)
    try catalog.connection.transaction { () throws(CatalogError) in
      try catalog.put(rows)
      for write in writes {
        if let rewriting = write.rewriting {
          try catalog.putRewriting(rewriting, ofEvent: write.submission.event.eventId)
        }
      }
      if let last = writes.last { try Retention.observe(last.processedAt, in: catalog) }
    }
    if isForwarded {
      for (row, write) in zip(rows, writes) { recent.append(write.record, sequence: row.sequence) }
    }
  }

  /// Takes a record up into the catalog that is in its partition already.
  private func adopt(_ event: Event, in partition: Folder, _ id: Int64) throws(StoreError) {
    let file = try StoreError.wrappingFiles { () throws(FileFailure) in
      try partition.recordFile(event.key.recordName)
    }
    var document = JSONDocument()
    guard case .bytes(let bytes) = file, let record = try? ProcessedEvent(bytes.span, using: &document) else { return }
    try enter(record, bytes: bytes.count, inPartition: id, acknowledgedAt: nil)
  }

  /// Enters a record that is in its partition.
  func enter(
    _ record: ProcessedEvent, bytes: Int, inPartition id: Int64, acknowledgedAt time: Timestamp?
  ) throws(StoreError) {
    let row = EventRow(of: record, bytes: bytes, sequence: nextSequence, partition: id, acknowledgedAt: time)
    try StoreError.wrapping { () throws(CatalogError) in try catalog.put([row]) }
    nextSequence += 1
  }

  /// The catalog's number of a partition, which it counts as open from now on.
  private func partitionNumber(_ date: CalendarDate) throws(StoreError) -> Int64 {
    if let openPartition, openPartition.date == date { return openPartition.id }
    close()
    let id = try openInCatalog(date)
    openPartition = (date, id)
    return id
  }

  /// Says in the catalog, on disk, that the partition may have records that the catalog has not.
  func openInCatalog(_ date: CalendarDate) throws(StoreError) -> Int64 {
    try StoreError.wrapping { () throws(CatalogError) in
      try catalog.connection.durableTransaction { () throws(CatalogError) in try catalog.openPartition(date) }
    }
  }
}

/// Records that have their names, and of which the catalog is not told yet.
struct OwedEntry {
  fileprivate var writes: [WriteGroup.Write]
  fileprivate var partition: Folder
  fileprivate var date: CalendarDate
  /// The partition's number in the catalog.
  fileprivate var id: Int64
}

/// Records that are made and not stored yet.
private struct WriteGroup {
  struct Write {
    /// Which event of the portion it is.
    var index: Int
    var submission: Submission
    var record: [UInt8]
    var createdAt: Timestamp
    var updatedAt: Timestamp
    var processedAt: Timestamp
    /// Where the event has had a record before.
    var rewriting: Rewriting?
  }

  /// The turn of the portion that it is a part of.
  var turn: Int
  var date: CalendarDate?
  var writes: [Write] = []
}
