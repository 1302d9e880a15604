internal import Catalog
internal import DurableFiles
internal import Events
internal import Time

// What a portion's events become on their way to disk. Each type is made by one function of `CommitPipeline`, from the
// type before it: so nothing gets its name before its bytes are on disk, and no row before its name is.

/// An event to be stored: nothing known speaks against it.
///
/// Nothing of it is on disk.
struct AdmittedEvent {
  /// The event's index in the portion.
  var index: Int
  var submission: Submission
  var record: [UInt8]
  var createdAt: Timestamp
  var updatedAt: Timestamp
  var processedAt: Timestamp
  /// Set if the event had a record before.
  var rewriting: Rewriting?
  /// Its claim, if several machines share their identities.
  var claim: IdentityClaim?
}

/// Events whose records are written, to files without names.
///
/// A power cut leaves nothing of them.
struct StagedRecords {
  let events: ArraySlice<AdmittedEvent>
  let files: [UnnamedFile]
  /// Obtained before the first of them was written.
  let ticket: Barrier.Ticket

  /// Writes the records of the first of these events, as many as there are descriptors.
  ///
  /// - Parameters:
  ///   - events: The events.
  ///   - partition: Where they will get their names.
  ///   - disk: Does the writing.
  ///   - mayWait: See `StoreDisk.write`.
  /// - Throws: `StorageError`.
  init(
    _ events: ArraySlice<AdmittedEvent>, in partition: Folder, _ disk: StoreDisk, mayWait: Bool
  ) async throws(StorageError) {
    ticket = try disk.begin()
    files = try await disk.write(events.map(\.record), in: partition, mayWait: mayWait)
    self.events = events.prefix(files.count)
  }
}

/// Records whose bytes are on disk, in files without names.
///
/// A power cut leaves nothing of them.
struct DurableRecords {
  let events: ArraySlice<AdmittedEvent>
  let files: [UnnamedFile]

  /// Waits until the bytes of staged records are on disk (I1).
  ///
  /// - Throws: `StorageError`: they must then be staged again (I2).
  init(_ staged: StagedRecords, _ disk: StoreDisk) async throws(StorageError) {
    try await disk.makeDurable(staged.files, since: staged.ticket)
    events = staged.events
    files = staged.files
  }
}

/// Records that have their names in the tree, but no rows.
///
/// A power cut leaves some of the names; the next start compares the partition.
struct NamedRecords {
  let events: [AdmittedEvent]
  let partition: Folder
  let date: CalendarDate
  /// The partition's number in the catalog.
  let id: Int64
  /// The grant for their ids; nil for a machine on its own.
  let grant: ClaimGrant?

  /// - Parameters:
  ///   - durable: Records whose bytes are on disk.
  ///   - areNamed: Which of them got their names.
  ///   - partition: The partition's folder.
  ///   - date: The partition's day.
  ///   - id: Its number in the catalog.
  ///   - grant: The grant for their ids.
  init(
    _ durable: DurableRecords, where areNamed: [Bool], in partition: Folder, _ date: CalendarDate, _ id: Int64,
    under grant: ClaimGrant?
  ) {
    self.init(
      zip(durable.events, areNamed).filter(\.1).map(\.0), in: partition, date, id, under: grant)
  }

  private init(
    _ events: [AdmittedEvent], in partition: Folder, _ date: CalendarDate, _ id: Int64, under grant: ClaimGrant?
  ) {
    self.events = events
    self.grant = grant
    self.partition = partition
    self.date = date
    self.id = id
  }

  /// Some of them, under a new grant.
  func only(_ events: [AdmittedEvent], under grant: ClaimGrant?) -> NamedRecords {
    NamedRecords(events, in: partition, date, id, under: grant)
  }
}

/// Records that the catalog has, and whose names are on disk: their drops may go (I4).
struct EnteredRecords {
  let events: [AdmittedEvent]
  /// Those that turned out to be another machine's: no row leads to them.
  let lost: [AdmittedEvent]

  /// Brings the names of records to disk, has them confirmed as this machine's (I22), and then enters them in the
  /// catalog (I3).
  ///
  /// - Throws: `StorageError`; the catalog then has none of them.
  init(
    _ named: NamedRecords, _ disk: StoreDisk, _ identities: any Identities, _ rows: RecordRows
  ) async throws(StorageError) {
    try await disk.syncNames(in: named.partition)
    let confirmed = try await identities.confirm(named.events, under: named.grant)
    defer { identities.didEnter() }
    try rows.enter(named.only(confirmed.ours, under: named.grant), counter: confirmed.counter)
    events = confirmed.ours
    lost = confirmed.others
  }
}
