internal import DurableFiles
internal import Events
internal import Time

// What a portion's events become on their way to disk. Each type is made by one function of `CommitPipeline`, from the type
// before it: so nothing gets its name before its bytes are on disk, and no row before its name is.

/// An event that is to be stored: nothing that is known speaks against it.
///
/// Nothing of it is on disk.
struct AdmittedEvent {
  /// Which event of the portion it is.
  var index: Int
  var submission: Submission
  var record: [UInt8]
  var createdAt: Timestamp
  var updatedAt: Timestamp
  var processedAt: Timestamp
  /// Where the event has had a record before.
  var rewriting: Rewriting?
  /// How it is claimed, where several machines share their identities.
  var claim: IdentityClaim?
}

/// Events whose records are written, to files without names.
///
/// A power cut leaves nothing of them.
struct StagedRecords {
  let events: ArraySlice<AdmittedEvent>
  let files: [UnnamedFile]
  /// Got before the first of them was written.
  let ticket: Barrier.Ticket

  /// Writes the records of the first of these events: of as many as there are descriptors for.
  ///
  /// - Parameters:
  ///   - events: They.
  ///   - partition: Where they will get their names.
  ///   - disk: Who writes.
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
  /// - Throws: `StorageError`: they have to be staged again then (I2).
  init(_ staged: StagedRecords, _ disk: StoreDisk) async throws(StorageError) {
    try await disk.makeDurable(staged.files, since: staged.ticket)
    events = staged.events
    files = staged.files
  }
}

/// Records that have their names in the tree, and no rows.
///
/// A power cut leaves some of the names; the next start compares the partition.
struct NamedRecords {
  let events: [AdmittedEvent]
  let partition: Folder
  let date: CalendarDate
  /// The partition's number in the catalog.
  let id: Int64
  /// Under what their ids were claimed; nil for a machine that stands alone.
  let grant: ClaimGrant?

  /// - Parameters:
  ///   - durable: Records whose bytes are on disk.
  ///   - areNamed: Which of them got their names.
  ///   - partition: Where.
  ///   - date: The partition's day.
  ///   - id: Its number in the catalog.
  ///   - grant: Under what their ids were claimed.
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

  /// Some of them, under a new claim.
  func only(_ events: [AdmittedEvent], under grant: ClaimGrant?) -> NamedRecords {
    NamedRecords(events, in: partition, date, id, under: grant)
  }
}

/// Records that the catalog has, and whose names are on disk: their drops may go (I4).
struct EnteredRecords {
  let events: [AdmittedEvent]
  /// Those that turned out to be another machine's: no row leads to them.
  let lost: [AdmittedEvent]

  /// Brings the names of records to disk, has them confirmed as this machine's (I22), and then tells the catalog (I3).
  ///
  /// - Throws: `StorageError`; the catalog has none of them then.
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
