internal import DurableFiles
internal import EventStore
internal import Events
internal import Logging
internal import Schedules
internal import SystemPackage

/// Takes claimed files the rest of their way: reads them, has their events stored portion by portion, and lets each file go
/// once all that it held is on disk.
struct DropWorker {
  let store: RecordStore
  let mapping: EventMapping
  let maxFileSize: Int
  let charset: Charset
  let portion: Int
  private let options: InboxOptions
  /// Asked now and then while a large file is read.
  private let isStopping: @Sendable () -> Bool
  let logger: Logger
  private var reader: EventReader
  /// The files that were taken up and not let go yet, in this order.
  private var open: [OpenDrop] = []
  /// The events of the portion that is being filled.
  private var waiting: [Waiting] = []
  private var waitingBytes = 0
  /// How many files were taken up for that portion.
  private var waitingDrops = 0
  /// The portions that the store has in hand, while the next one is filled; bounded.
  private var underway: [Portion] = []
  private static let underwayLimit = 3
  private(set) var summary = WorkSummary()
  /// A portion is stored early where its events are so large.
  private static let waitingBytesLimit = 8 << 20
  private let meter: IntakeMeter
  /// What the meter has counted.
  private var metered = WorkSummary()
  /// Told of each portion: what was done, and in which time.
  private let tell: (WorkSummary, Duration) -> Void

  /// A file some of whose events may not be stored yet.
  private final class OpenDrop {
    let drop: ClaimedDrop
    let finish: (DropEnd) -> Void
    var isFullyRead = false
    var isLetGo = false
    /// How many of its events wait in the portion.
    var waiting = 0
    /// Why the file as a whole, or the one event in it, failed.
    var failure: DropFailure?
    /// Its events that failed, each to become a file of its own.
    var parts: [Part] = []
    var partBytes = 0

    init(_ drop: ClaimedDrop, finish: @escaping (DropEnd) -> Void) {
      self.drop = drop
      self.finish = finish
    }
  }

  private typealias Part = (index: Int, bytes: [UInt8], failure: DropFailure)

  private struct Waiting {
    var submission: Submission
    /// The file that it stands in.
    var drop: OpenDrop
    /// The bytes of its own file, should it need one: an event of a file of several.
    var part: (index: Int, bytes: ArraySlice<UInt8>)?
  }

  private struct Portion {
    var entries: [Waiting]
    var started: Duration
    var outcomes: Task<Result<[CommitOutcome], StoreError>, Never>
  }

  init(
    store: RecordStore, options: InboxOptions, logger: Logger, meter: IntakeMeter? = nil,
    until isStopping: @escaping @Sendable () -> Bool, tell: @escaping (WorkSummary, Duration) -> Void = { _, _ in }
  ) {
    self.tell = tell
    self.options = options
    self.isStopping = isStopping
    self.meter = meter ?? IntakeMeter(inbox: options.mapping.inbox)
    self.store = store
    mapping = options.mapping
    maxFileSize = options.maxFileSize
    charset = options.charset
    portion = options.portion
    self.logger = logger
    reader = EventReader(mapping: options.mapping)
  }

  // MARK: Reading

  /// Opens and reads a claimed file.
  ///
  /// - Throws: `FileFailure` of the machine, not of the file.
  mutating func read(_ drop: inout ClaimedDrop) throws(FileFailure) -> DropContent {
    guard let file = try open(drop) else { return .unsettled }
    let status = try file.status()
    guard status.isPlain, status.hasSameContent(as: drop.status) else { return .unsettled }
    switch file.isOpenForWriting() {
    case true?: return .unsettled
    case false?: drop.isKnownClosed = true
    case nil:
      drop.isKnownClosed = false
      if options.mayStillGrow(drop.original.bytes, status, at: store.clock.now()) { return .unsettled }
    }
    drop.status = status
    let format = DropFormat.of(fileName: drop.original.bytes)
    do throws(ContentError) {
      switch format.format {
      case .lines:
        let packed = FileSource(file)
        let source: any ByteSource = format.isCompressed ? try GunzipSource(packed) : packed
        return .several(LineReader(try converted(source)))
      case .document:
        guard format.isCompressed || status.size <= maxFileSize else { return .failed(tooLarge(status.size)) }
        return try document(file, of: drop, size: status.size, isCompressed: format.isCompressed)
      }
    } catch {
      switch error {
      case .files(let failure): throw failure
      case .drop(let failure): return .failed(failure)
      }
    }
  }

  /// The same, its failure as a value.
  mutating func attempt(_ drop: inout ClaimedDrop) -> Result<DropContent, FileFailure> {
    do throws(FileFailure) {
      return .success(try read(&drop))
    } catch {
      return .failure(error)
    }
  }

  /// Opens a claimed file; nil where its name does not lead to one any more, but to a link or a socket.
  private func open(_ drop: ClaimedDrop) throws(FileFailure) -> OpenFile? {
    do {
      return try drop.folder.open(drop.name)
    } catch  where error.errno == .tooManySymbolicLinkLevels || error.errno == .noSuchAddressOrDevice {
      return nil
    }
  }

  /// How much of a file is read as a whole; of an array that is larger, one part after the other.
  private var wholeLimit: Int { max(16 << 20, 2 * mapping.maxEventSize) }

  private func tooLarge(_ size: Int) -> DropFailure {
    DropFailure(
      stage: .read, reason: .tooLarge,
      message:
        "the file has \(size) bytes or more, which is more than maxFileSize allows (\(maxFileSize)). Raise it, or drop"
        + " the events as a .jsonl file, which has no limit")
  }

  private func converted(_ source: any ByteSource) throws(ContentError) -> any ByteSource {
    charset.isUTF8 ? source : try TranscodingSource(source, from: charset)
  }

  /// Reads a file that holds one event or an array of events.
  private mutating func document(
    _ file: consuming OpenFile, of drop: ClaimedDrop, size: Int, isCompressed: Bool
  ) throws(ContentError) -> DropContent {
    var bytes: [UInt8]
    let rest: any ByteSource
    if isCompressed {
      rest = try GunzipSource(FileSource(file))
      bytes = try rest.readAll(limit: wholeLimit)
    } else {
      do {
        bytes = try file.readAll(expecting: size, limit: min(maxFileSize, wholeLimit))
      } catch {
        throw .files(error)
      }
      if bytes.count > maxFileSize { return .failed(tooLarge(bytes.count)) }
      rest = FileSource(file)
    }
    if bytes.count > wholeLimit {
      return try .several(ArrayReader(converted(JoinedSource(BytesSource(bytes), rest))))
    }
    // A record is a valid drop wherever it is put, and is in UTF-8.
    if !charset.isUTF8, !reader.isRecord(bytes) {
      bytes = try converted(BytesSource(bytes)).readAll(limit: 4 * wholeLimit)
    }
    do {
      return .items(try reader.events(inDocument: bytes, named: drop.original), of: bytes)
    } catch {
      return .failed(error)
    }
  }

  /// Takes up a claimed file; its events are stored with the portion that they fill.
  ///
  /// - Parameters:
  ///   - drop: The file.
  ///   - content: What was read of it.
  ///   - finish: Called when the worker is done with the file.
  /// - Throws: `StoreError`; files that were taken up and not finished are still claimed then.
  mutating func take(
    _ drop: ClaimedDrop, _ content: consuming DropContent, finish: @escaping (DropEnd) -> Void
  ) async throws(StoreError) {
    waitingDrops += 1
    let drop = OpenDrop(drop, finish: finish)
    open.append(drop)
    switch content {
    case .unsettled: preconditionFailure("a file that has not settled is put back, not taken")
    case .failed(let failure): drop.failure = failure
    case .items(let items, let bytes): for item in items { try await take(item, of: bytes, from: drop) }
    case .several(let events):
      // It stays claimed, and the next start reads it from its beginning: what is stored by then is a duplicate.
      guard try await take(events, from: drop) else { return }
    }
    drop.isFullyRead = true
    if waiting.count >= portion || waitingDrops >= portion || waitingBytes >= Self.waitingBytesLimit {
      try await advance()
    }
  }

  /// - Returns: Whether it has come to the end; not where it is to stop.
  private mutating func take(_ events: any SeveralReader, from drop: OpenDrop) async throws(StoreError) -> Bool {
    while !isStopping() {
      let next: (bytes: [UInt8], ranges: [Range<Int>], firstIndex: Int)?
      do {
        next = try events.next()
      } catch {
        switch error {
        case .files(let failure): throw .files(failure)
        case .drop(let failure):
          // What came before is stored; tried again, it is a duplicate.
          drop.failure = failure
          return true
        }
      }
      guard let next else { return true }
      for (position, range) in next.ranges.enumerated() {
        let item = reader.item(in: next.bytes, range, named: drop.drop.original, index: next.firstIndex + position)
        try await take(item, of: next.bytes, from: drop)
      }
    }
    return false
  }

  private mutating func take(
    _ item: DroppedItem, of bytes: [UInt8], from drop: OpenDrop
  ) async throws(StoreError) {
    switch item {
    case .failed(let failed):
      drop.parts.append((failed.index, Array(bytes[failed.range]), failed.failure))
      drop.partBytes += failed.range.count
      if drop.parts.count >= portion || drop.partBytes >= Self.waitingBytesLimit { try await setPartsAside(of: drop) }
    case .event(let event):
      let part = event.source.index.map { (index: $0, bytes: event.ownBytes) }
      waiting.append(Waiting(submission: Submission(event, history: drop.drop.history), drop: drop, part: part))
      drop.waiting += 1
      waitingBytes += event.source.bytes
      if waiting.count >= portion || waitingBytes >= Self.waitingBytesLimit { try await advance() }
    }
  }

  // MARK: Storing and letting go

  /// Has all that was taken up stored, and lets go of the files.
  ///
  /// - Throws: `StoreError`; files that were not finished are still claimed then.
  mutating func finish() async throws(StoreError) {
    try await advance()
    while !underway.isEmpty { try await settleFirst(thenTake: nil) }
    try await letGo(of: nil, outcomes: [])
  }

  /// Waits for the store to be done with what it has in hand, and lets go of what is stored: after an error of something else.
  ///
  /// - Returns: The files that were taken up and are still claimed.
  mutating func abandon() async -> [ClaimedDrop] {
    while !underway.isEmpty {
      let portion = underway.removeFirst()
      try? await letGo(of: portion, outcomes: portion.outcomes.value.get())
    }
    return open.map(\.drop)
  }

  /// Gives the store the portion that waits: while the store waits for its disk, the files before are removed, and the files
  /// after are claimed and read.
  private mutating func advance() async throws(StoreError) {
    let next = nextPortion()
    if underway.count < Self.underwayLimit {
      if let next { underway.append(next) }
    } else {
      try await settleFirst(thenTake: next)
    }
  }

  /// Waits for the first portion that the store has in hand, and lets go of its files.
  private mutating func settleFirst(thenTake next: Portion?) async throws(StoreError) {
    let first = underway.removeFirst()
    if let next { underway.append(next) }
    try await letGo(of: first, outcomes: first.outcomes.value.get())
  }

  /// Has the store take what waits; nil where nothing does.
  private mutating func nextPortion() -> Portion? {
    waitingDrops = 0
    waitingBytes = 0
    guard !waiting.isEmpty else { return nil }
    defer { waiting.removeAll(keepingCapacity: true) }
    let submissions = waiting.map(\.submission)
    let store = store
    return Portion(
      entries: waiting, started: store.clock.uptime(),
      outcomes: Task.immediate {
        do throws(StoreError) {
          return .success(try await store.commit(submissions))
        } catch {
          return .failure(error)
        }
      })
  }

  /// Notes what became of a portion, and lets go of the files that are done with.
  private mutating func letGo(of portion: Portion?, outcomes: [CommitOutcome]) async throws(StoreError) {
    let started = portion?.started ?? store.clock.uptime()
    if let portion {
      meter.stored(in: store.clock.uptime() - started)
      take(outcomes, of: portion.entries)
    }
    defer {
      let done = summary - metered
      meter.count(done, at: store.clock.now())
      tell(done, store.clock.uptime() - started)
      metered = summary
    }
    defer { open.removeAll(where: \.isLetGo) }
    for drop in open {
      try await setPartsAside(of: drop)
      guard drop.isFullyRead, drop.waiting == 0 else { continue }
      try await letGo(drop)
      drop.isLetGo = true
      summary.drops += 1
    }
  }

  private mutating func take(_ outcomes: [CommitOutcome], of entries: [Waiting]) {
    for (entry, outcome) in zip(entries, outcomes) {
      entry.drop.waiting -= 1
      switch outcome {
      case .stored: summary.stored += 1
      case .duplicate: summary.duplicates += 1
      case .conflict(let failure):
        if let part = entry.part {
          entry.drop.parts.append((part.index, Array(part.bytes), failure))
        } else {
          entry.drop.failure = failure
        }
      }
    }
  }

  private mutating func setPartsAside(of drop: OpenDrop) async throws(StoreError) {
    let parts = drop.parts
    drop.parts.removeAll()
    drop.partBytes = 0
    for part in parts {
      guard let name = drop.drop.partName(part.index) else { continue }
      let place = try await store.setAside(charset.encoded(part.bytes), as: name, part.failure, inbox: mapping.inbox)
      summary.count(place)
      log(part.failure, "an event of a file", "\(name)", place)
    }
  }

  private mutating func letGo(_ entry: OpenDrop) async throws(StoreError) {
    let drop = entry.drop
    if let failure = entry.failure {
      let place = try await store.setAside(
        drop.name, from: drop.folder, as: drop.name, failure, inbox: mapping.inbox, history: drop.history)
      summary.count(place)
      if let place { log(failure, "a file", drop.original.text, place) }
      entry.finish(.setAside(place))
      return
    }
    do throws(FileFailure) {
      if !drop.isKnownClosed, let now = try drop.folder.status(of: drop.name), !now.hasSameContent(as: drop.status) {
        entry.finish(.changed)
        return
      }
      try drop.folder.remove(drop.name)
    } catch {
      throw .files(error)
    }
    entry.finish(.removed)
  }

  private func log(_ failure: DropFailure, _ what: String, _ name: String, _ place: FailedPlace) {
    logger.warning(
      "\(what) \(place == .retry ? "failed and is tried again later" : "failed and waits for a person")",
      metadata: [
        "inbox": "\(mapping.inbox)", "file": "\(name)", "folder": place == .retry ? "retry" : "failed",
        "reason": "\(failure.reason.rawValue)", "why": "\(failure.message)",
      ])
  }
}
