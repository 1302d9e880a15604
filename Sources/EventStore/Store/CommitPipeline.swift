internal import Catalog
internal import Concurrency
internal import DurableFiles
internal import Events
internal import Failures
internal import SystemPackage
internal import Time

/// The way of a portion's events into the store.
///
/// ```
///  Submission
///      │  admit               known already: a duplicate or a conflict
///      ▼
///  AdmittedEvent              times are decided, bytes are made
///      │  StagedRecords       thread "write"
///      ▼
///  StagedRecords              a power cut takes them
///      │  DurableRecords      thread "barrier" (I1, I2)
///      ▼
///  DurableRecords             a power cut takes them
///      │  name                in turn (I7), thread "write"
///      ▼
///  NamedRecords               a power cut takes some; an open partition (I5) is compared at the next start
///      │  EnteredRecords      thread "names" (I3), then whose they are (I22), then the catalog
///      ▼
///  EnteredRecords             pending; the drop may go (I4)
/// ```
///
/// While one portion waits for the disk, the next is staged. An event is in one portion at a time (I6): no second
/// portion that contains it begins, because its identity cannot be decided while its record has no name yet. The
/// invariants are in `Documentation/architecture.md`.
///
/// An error at any arrow ends the portion: files without names vanish, records that have names are entered whatever
/// happened to the others, before any later identity is decided.
final class CommitPipeline {
  private let options: StoreOptions
  private let clock: any WallClock
  private let folders: StoreFolders
  private let disk: StoreDisk
  private let catalog: Catalog
  private let partitions: Partitions
  private let rows: RecordRows
  private let known: KnownEvents
  private let copies: EventCopies
  private let locks: EventLocks
  private let identities: any Identities
  /// Portions get their names in the order in which they began.
  private let turns = Turnstile()
  private var owed = OwedEntries()

  init(
    _ options: StoreOptions, clock: any WallClock, _ folders: StoreFolders, _ disk: StoreDisk, _ catalog: Catalog,
    _ partitions: Partitions, _ rows: RecordRows, _ known: KnownEvents, _ copies: EventCopies, _ locks: EventLocks,
    _ identities: any Identities
  ) {
    self.options = options
    self.clock = clock
    self.folders = folders
    self.disk = disk
    self.catalog = catalog
    self.partitions = partitions
    self.rows = rows
    self.known = known
    self.copies = copies
    self.locks = locks
    self.identities = identities
  }

  /// Stores a portion of events; see `RecordStore.commit`.
  ///
  /// - Parameters:
  ///   - submissions: The portion.
  ///   - yieldIfContended: Called now and then, to let others use the store: a portion takes as long as many batches.
  /// - Returns: The outcome of each, in order.
  /// - Throws: `StorageError`.
  func commit(
    _ submissions: [Submission], yieldIfContended: () async -> Void
  ) async throws(StorageError) -> [CommitOutcome] {
    try await identities.prepare()
    let eventIds = submissions.map(\.event.eventId)
    await locks.hold(eventIds)
    var portion = Portion(count: submissions.count, turn: turns.enter())
    defer {
      turns.leave(portion.turn)
      locks.release(eventIds)
    }
    try folders.check()
    try await enterOwed()
    var lastOfEvent: [EventID: Int] = [:]
    let earlier = try StorageError.wrapping { () throws(CatalogError) in try catalog.events(eventIds) }
    // Read each time, and after the rows: `eventdrop prune`, which may run beside us, writes identities before it
    // removes rows.
    let hasIdentities = try StorageError.wrapping { () throws(CatalogError) in try catalog.hasIdentities() }
    for (index, submission) in submissions.enumerated() {
      let event = submission.event
      var row = earlier[index]
      if index % 16 == 15 { await yieldIfContended() }
      // An eventId that occurs earlier in this portion is compared with the record that the first of them becomes.
      if lastOfEvent.updateValue(index, forKey: event.eventId) != nil {
        try await store(&portion)
        row = try StorageError.wrapping { () throws(CatalogError) in try catalog.event(event.eventId) }
      }
      if let outcome = try known.outcome(of: event, row, hasIdentities) {
        portion.outcomes[index] = outcome
        continue
      }
      // What comes back from `retry/` was there first.
      if submission.history == nil, let conflict = try copies.conflict(with: event) {
        portion.outcomes[index] = .conflict(conflict)
        continue
      }
      let now = clock.now()
      let date = options.layout.timeZone.date(of: now)
      if let open = portion.date, open != date { try await store(&portion) }
      portion.date = date
      portion.admitted.append(AdmittedEvent(submission, at: index, earlier: row, now: now))
      if options.durability == .each { try await store(&portion) }
    }
    try await store(&portion, isLast: true)
    return portion.outcomes.map { $0 ?? .stored(superseded: 0) }
  }

  /// Brings the admitted events to disk, gives them their names, and enters them in the catalog; with `isLast` they are
  /// the portion's last, and the next portion's turn comes as soon as they have their names.
  private func store(_ portion: inout Portion, isLast: Bool = false) async throws(StorageError) {
    guard let date = portion.date, !portion.admitted.isEmpty else { return }
    var rest = portion.admitted[...]
    defer {
      portion.admitted = []
      portion.date = nil
    }
    let (others, grant) = try await identities.claim(&rest)
    for (index, outcome) in others { portion.outcomes[index] = outcome }
    let partition = try partitions.folder(making: date)
    while !rest.isEmpty {
      let staged = try await StagedRecords(rest, in: partition, disk, mayWait: !turns.isFirst(portion.turn))
      guard !staged.files.isEmpty else {
        await turns.wait(for: portion.turn)
        continue
      }
      rest = rest.dropFirst(staged.files.count)
      let durable = try await DurableRecords(staged, disk)
      await turns.wait(for: portion.turn)
      let id = try partitions.number(ofWritten: date)
      let (named, failure) = try await name(durable, in: partition, date, id, grant, &portion)
      if let failure, named.events.isEmpty { throw failure }
      // From here until they are entered, these records have names but no rows.
      partitions.didName(date)
      if isLast, rest.isEmpty, failure == nil { turns.leave(portion.turn) }
      let entered: EnteredRecords
      do {
        entered = try await enter(named)
      } catch {
        owed.append(named)
        throw failure ?? error
      }
      let superseded = try supersedeCopies(of: entered)
      for admitted in entered.lost { portion.outcomes[admitted.index] = .held }
      if let failure { throw failure }
      for (index, count) in superseded { portion.outcomes[index] = .stored(superseded: count) }
    }
  }

  /// Gives records whose bytes are on disk their names.
  ///
  /// - Returns: Which of them got one, and why the others did not, if anything failed: whatever has its name must be
  ///   entered whatever happened to the others, or no row would lead to it after midnight.
  private func name(
    _ records: DurableRecords, in partition: Folder, _ date: CalendarDate, _ id: Int64, _ grant: ClaimGrant?,
    _ portion: inout Portion
  ) async throws(StorageError) -> (named: NamedRecords, failure: StorageError?) {
    let names = records.events.map(\.submission.event.key.recordName)
    try identities.check(grant)
    var (areNamed, unnamed) = try await disk.name(records.files, names)
    var failure = unnamed.map { StorageError.files($0) }
    do throws(StorageError) {
      for (place, admitted) in zip(areNamed.indices, records.events) where !areNamed[place] {
        let outcome = try known.outcomeOfTakenName(admitted.submission.event, in: partition, date, id)
        if let outcome {
          portion.outcomes[admitted.index] = outcome
          continue
        }
        try StorageError.wrappingFiles { () throws(FileFailure) in
          guard try records.files[place].publish(as: names[place]) else {
            throw FileFailure("name a file", partition.pathText(of: names[place]), .fileExists)
          }
        }
        areNamed[place] = true
      }
    } catch {
      failure = failure ?? error
    }
    let named = NamedRecords(records, where: areNamed, in: partition, date, id, under: grant)
    for admitted in named.events { portion.outcomes[admitted.index] = .stored(superseded: 0) }
    return (named, failure)
  }

  private func enter(_ named: NamedRecords) async throws(StorageError) -> EnteredRecords {
    let entered = try await EnteredRecords(named, disk, identities, rows)
    try withdraw(entered.lost, from: named.partition)
    partitions.didEnter(named.date, named.id)
    return entered
  }

  /// Removes the names of records that turned out to be another machine's: their drops still exist, and are compared
  /// with that machine's.
  private func withdraw(_ events: [AdmittedEvent], from partition: Folder) throws(StorageError) {
    try StorageError.wrappingFiles { () throws(FileFailure) in
      for admitted in events { try partition.remove(admitted.submission.event.key.recordName) }
    }
  }

  /// Enters in the catalog the named records whose entry failed: no identity is decided before, because no row leads to
  /// them.
  private func enterOwed() async throws(StorageError) {
    let ticket = owed.turns.enter()
    defer { owed.turns.leave(ticket) }
    await owed.turns.wait(for: ticket)
    while let named = owed.first {
      // What was claimed for them may be another machine's by now.
      var ours = named.events[...]
      let (others, grant) = try await identities.claim(&ours)
      let lost = Set(others.map(\.index))
      // Their names no longer exist: nobody may confirm them later.
      owed.replaceFirst(with: named.only(Array(ours), under: grant))
      try withdraw(named.events.filter { lost.contains($0.index) }, from: named.partition)
      guard let named = owed.first else { return }
      let entered = try await enter(named)
      owed.removeFirst()
      try supersedeCopies(of: entered)
    }
  }

  /// - Returns: How many copies have moved to `failed/`, by event of the portion.
  @discardableResult
  private func supersedeCopies(of records: EnteredRecords) throws(StorageError) -> [(index: Int, superseded: Int)] {
    var moved: [(index: Int, superseded: Int)] = []
    for admitted in records.events where copies.mayExist {
      let count = try copies.supersede(by: admitted.submission.event)
      if count > 0 { moved.append((admitted.index, count)) }
    }
    return moved
  }
}

/// The progress of a portion.
private struct Portion {
  let turn: Turnstile.Ticket
  var outcomes: [CommitOutcome?]
  /// What is admitted but not stored yet, all of one day.
  var admitted: [AdmittedEvent] = []
  var date: CalendarDate?

  init(count: Int, turn: Turnstile.Ticket) {
    outcomes = Array(repeating: nil, count: count)
    self.turn = turn
  }
}

/// Named records whose entry has failed; one portion at a time enters them.
private struct OwedEntries {
  private var groups: [NamedRecords] = []
  let turns = Turnstile()

  var first: NamedRecords? { groups.first }

  mutating func append(_ records: NamedRecords) { groups.append(records) }

  mutating func replaceFirst(with records: NamedRecords) { groups[0] = records }

  mutating func removeFirst() { groups.removeFirst() }
}

extension AdmittedEvent {
  /// Decides the times of an event's record, and builds it.
  ///
  /// - Parameters:
  ///   - submission: The event.
  ///   - index: The event's index in the portion.
  ///   - earlier: The catalog's row for an earlier writing.
  ///   - now: The current time.
  fileprivate init(_ submission: Submission, at index: Int, earlier: EventRow?, now: Timestamp) {
    let event = submission.event
    // An acknowledgement belongs to the last writing before it, so each writing is later than the times of the previous
    // one (I10), even if the clock was set back. Only the clock decides which day it is.
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
    // What comes back by itself because the webhook was unreachable is still the same writing: sent alone, it is the
    // same batch as before.
    let isSameWriting =
      submission.history?.reason.course == .retriedForever && earlier?.state == .gone && earlier?.forwardedAt == nil
    let updatedAt = isSameWriting ? earlier?.updatedAt ?? now : writtenAt
    self.init(
      index: index, submission: submission,
      record: event.record(processedAt: now, createdAt: createdAt, updatedAt: updatedAt), createdAt: createdAt,
      updatedAt: updatedAt, processedAt: now,
      rewriting: earlier.map { _ in Rewriting(time: now, failedOf: submission.history?.reason) })
  }
}
