internal import DurableFiles
internal import EventStore
internal import Events
internal import Logging
internal import SystemPackage
internal import Time

/// Takes claimed files the rest of their way: has their events stored portion by portion, and lets each file go once all that
/// it held is on disk.
struct DropWorker {
  var reader: DropReader
  private let store: RecordStore
  private let options: InboxOptions
  /// Asked now and then while a large file is read.
  private let isStopping: @Sendable () -> Bool
  private let logger: Logger
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
  /// Nor are they more where so many bytes of them are kept: each event has its record beside it by then.
  private static let underwayBytesLimit = 8 << 20
  private(set) var summary = WorkSummary()
  /// A portion is stored early where what it keeps in memory is so large.
  private static let waitingBytesLimit = 4 << 20
  private let meter: IntakeMeter
  /// What the meter has counted.
  private var metered = WorkSummary()
  /// Told of each portion: what was done, and in which time.
  private let tell: (WorkSummary, Duration) -> Void

  private struct Waiting {
    var submission: Submission
    /// The file that it stands in.
    var drop: OpenDrop
    /// The bytes of its own file, should it need one: an event of a file of several.
    var part: (index: Int, bytes: ArraySlice<UInt8>)?
  }

  private struct Portion {
    var entries: [Waiting]
    /// How much of their files is kept in memory for them.
    var bytes: Int
    var started: Duration
    var outcomes: Task<Result<[CommitOutcome], StorageError>, Never>
  }

  init(
    store: RecordStore, options: InboxOptions, logger: Logger, meter: IntakeMeter? = nil,
    isOnRecord: (@Sendable (RecordClaim) -> Bool)? = nil,
    until isStopping: @escaping @Sendable () -> Bool, tell: @escaping (WorkSummary, Duration) -> Void = { _, _ in }
  ) {
    self.tell = tell
    self.options = options
    self.isStopping = isStopping
    self.meter = meter ?? IntakeMeter(inbox: options.mapping.inbox)
    self.store = store
    self.logger = logger
    reader = DropReader(
      options, clock: store.clock, isOnRecord: isOnRecord ?? store.isOnRecord, until: isStopping)
  }

  /// Reads a claimed file; where descriptors are lacking, once the records that are being written have given theirs back.
  ///
  /// - Throws: `StorageError` of what is under way.
  mutating func read(_ drop: inout ClaimedDrop) async throws(StorageError) -> Result<DropContent, FileFailure> {
    let read = reader.attempt(&drop)
    guard case .failure(let error) = read, error.errno == .tooManyOpenFiles else { return read }
    try await finish()
    return reader.attempt(&drop)
  }

  // MARK: Taking up

  /// Takes up a claimed file; its events are stored with the portion that they fill.
  ///
  /// - Parameters:
  ///   - drop: The file.
  ///   - content: What was read of it.
  ///   - finish: Called when the worker is done with the file.
  /// - Throws: `StorageError`; files that were taken up and not finished are still claimed then.
  mutating func take(
    _ drop: ClaimedDrop, _ content: consuming DropContent, finish: @escaping (ClaimedDrop, DropEnd) -> Void
  ) async throws(StorageError) {
    waitingDrops += 1
    let drop = OpenDrop(drop, finish: finish)
    open.append(drop)
    switch content {
    case .unsettled, .stopped: preconditionFailure("a file that is no drop yet is put back, not taken")
    case .failed(let failure): drop.failure = failure
    case .event(let item, let bytes):
      waitingBytes += bytes.count
      try await take(item, of: bytes, from: drop)
    case .several(let events):
      // It stays claimed, and the next start reads it from its beginning: what is stored by then is a duplicate.
      guard try await take(events, from: drop) else { return }
    }
    drop.isFullyRead = true
    if waiting.count >= options.portion || waitingDrops >= options.portion || waitingBytes >= Self.waitingBytesLimit {
      try await advance()
    }
  }

  /// - Returns: Whether it has come to the end; not where it is to stop.
  private mutating func take(_ events: any SeveralReader, from drop: OpenDrop) async throws(StorageError) -> Bool {
    while !isStopping() {
      // It is read again once there is room; what is stored of it by then is a duplicate.
      if drop.shortage != nil { return true }
      let next: SeveralPart?
      do {
        next = try events.next()
      } catch {
        switch error {
        case .stopped: return false
        case .files(let failure):
          guard !failure.isOfTheMachine else { throw .files(failure) }
          drop.hindrance = failure
          return true
        case .drop(let failure):
          // What came before is stored; tried again, it is a duplicate.
          drop.failure = failure
          return true
        }
      }
      switch next {
      case nil: return true
      case .oversized(let index, let size):
        drop.bad.leave(SeveralPart.failure(ofOversized: index, size: size, options.mapping))
      case .events(let bytes, let ranges, let firstIndex):
        // All of them are kept in memory for as long as one of their events waits.
        waitingBytes += bytes.count
        for (position, range) in ranges.enumerated() {
          if drop.shortage != nil { return true }
          if position.isMultiple(of: 1000), isStopping() { return false }
          let item = reader.item(in: bytes, range, named: drop.drop.original, index: firstIndex + position)
          try await take(item, of: bytes, from: drop)
          // It is no longer ours where it could go no further.
          guard !drop.isDone else { return true }
        }
      }
    }
    return false
  }

  private mutating func take(
    _ item: DroppedItem, of bytes: [UInt8], from drop: OpenDrop
  ) async throws(StorageError) {
    switch item {
    case .failed(let failed):
      drop.add((failed.index, Array(bytes[failed.range]), failed.failure))
      if drop.parts.count >= options.portion || drop.partBytes >= Self.waitingBytesLimit {
        try await makeRoomForParts()
      }
    case .event(let event):
      let part = event.source.index.map { (index: $0, bytes: event.ownBytes) }
      waiting.append(Waiting(submission: Submission(event, history: drop.drop.history), drop: drop, part: part))
      drop.give(event.source.index ?? 0)
      if waiting.count >= options.portion || waitingBytes >= Self.waitingBytesLimit { try await advance() }
    }
  }

  /// Sets bad events aside; those before them in their file must be settled first, for they stay in order.
  private mutating func makeRoomForParts() async throws(StorageError) {
    try await settleAll()
    try await letGo(of: nil, outcomes: [])
  }

  // MARK: Storing and letting go

  /// Has all that was taken up stored, and lets go of the files.
  ///
  /// - Throws: `StorageError`; files that were not finished are still claimed then.
  mutating func finish() async throws(StorageError) {
    try await settleAll()
    try await letGo(of: nil, outcomes: [])
  }

  private mutating func settleAll() async throws(StorageError) {
    try await advance()
    while !underway.isEmpty { try await settleFirst(thenTake: nil) }
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

  /// Gives the store the portion that waits: while the store writes and waits for its disk, the files before are removed, and
  /// the files after are claimed and read.
  private mutating func advance() async throws(StorageError) {
    if try !hasRoomForAll() {
      // Letting go of what the store has in hand may make some.
      while !underway.isEmpty { try await settleFirst(thenTake: nil) }
      try leaveWhatHasNoRoom()
    }
    while !underway.isEmpty, underway.reduce(waitingBytes, { $0 + $1.bytes }) > Self.underwayBytesLimit {
      try await settleFirst(thenTake: nil)
    }
    let next = nextPortion()
    if underway.count < Self.underwayLimit {
      if let next { underway.append(next) }
    } else {
      try await settleFirst(thenTake: next)
    }
  }

  /// Waits for the first portion that the store has in hand, and lets go of its files.
  private mutating func settleFirst(thenTake next: Portion?) async throws(StorageError) {
    let first = underway.removeFirst()
    if let next { underway.append(next) }
    try await letGo(of: first, outcomes: first.outcomes.value.get())
  }

  /// Whether there is room for the records of all that waits, and of what the store has in hand and may not have written yet.
  private func hasRoomForAll() throws(StorageError) -> Bool {
    guard !waiting.isEmpty else { return true }
    var room = try store.folders.room()
    for portion in underway {
      for entry in portion.entries where !room.take(forRecordOf: entry.submission.event) { return false }
    }
    return waiting.allSatisfy { room.take(forRecordOf: $0.submission.event) }
  }

  /// Takes out of the portion what there is no room for: its file is put back, and the others go on.
  private mutating func leaveWhatHasNoRoom() throws(StorageError) {
    var room = try store.folders.room()
    waiting.removeAll { entry in
      let event = entry.submission.event
      if room.take(forRecordOf: event) { return false }
      entry.drop.takeBack(event.source.index ?? 0)
      entry.drop.shortage = min(entry.drop.shortage ?? .max, event.recordSize)
      return true
    }
  }

  /// Has the store take what waits; nil where nothing does.
  private mutating func nextPortion() -> Portion? {
    let bytes = waitingBytes
    waitingDrops = 0
    waitingBytes = 0
    guard !waiting.isEmpty else { return nil }
    defer { waiting.removeAll(keepingCapacity: true) }
    let submissions = waiting.map(\.submission)
    let store = store
    return Portion(
      entries: waiting, bytes: bytes, started: store.clock.uptime(),
      outcomes: Task.immediate {
        do throws(StorageError) {
          return .success(try await store.commit(submissions))
        } catch {
          return .failure(error)
        }
      })
  }

  /// Notes what became of a portion, and lets go of the files that are done with.
  private mutating func letGo(of portion: Portion?, outcomes: [CommitOutcome]) async throws(StorageError) {
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
    defer { open.removeAll(where: \.isDone) }
    // What cannot be set aside, or removed, holds up none of the others.
    var firstError: StorageError?
    var stored: [OpenDrop] = []
    for drop in open where !isStopping() || drop.parts.isEmpty {
      do throws(StorageError) {
        try await setPartsAside(of: drop)
        guard drop.isFullyRead, drop.waiting == 0, drop.parts.isEmpty else { continue }
        if try await setAsideIfFailed(drop) { stored.append(drop) }
      } catch {
        guard let failure = hindrance(error) else {
          firstError = firstError ?? error
          continue
        }
        drop.hindrance = drop.hindrance ?? failure
        if drop.waiting == 0 { drop.end(failure.meansStillWritten ? .stillWritten : .hindered(failure)) }
      }
    }
    for (drop, failure) in DropRemoval(clock: store.clock).remove(stored) {
      if failure.isOfTheMachine { firstError = firstError ?? .files(failure) } else { drop.end(.hindered(failure)) }
    }
    let ended = stored.filter { $0.outcome?.isEnd ?? false }
    summary.drops += ended.count
    tellEmpty(ended.filter { $0.goods == 0 && $0.bad.count == 0 })
    if let firstError { throw firstError }
  }

  /// The failure where it is of one file; nil where others would meet it too.
  private func hindrance(_ error: StorageError) -> FileFailure? {
    guard case .files(let failure) = error, !failure.isOfTheMachine else { return nil }
    for folder in [store.folders.retry.folder, store.folders.failed.folder] {
      guard (try? folder.status()) != nil, folder.mayChangeNames else { return nil }
    }
    return failure
  }

  private mutating func take(_ outcomes: [CommitOutcome], of entries: [Waiting]) {
    for (entry, outcome) in zip(entries, outcomes) {
      entry.drop.settleOne()
      switch outcome {
      case .stored(let superseded):
        summary.stored += 1
        summary.failed += superseded
        entry.drop.goods += 1
      case .duplicate:
        summary.duplicates += 1
        entry.drop.goods += 1
      case .conflict(let failure):
        if let part = entry.part {
          entry.drop.add((part.index, Array(part.bytes), failure))
        } else {
          entry.drop.failure = failure
        }
      }
    }
  }

  // MARK: Bad events

  /// Sets bad events of a file aside whose predecessors in it are settled.
  private mutating func setPartsAside(of drop: OpenDrop) async throws(StorageError) {
    guard !drop.parts.isEmpty else { return }
    let end = drop.firstWaiting ?? .max
    drop.parts.sort { $0.index < $1.index }
    var done = 0
    // A part that could not be set aside stays one, or its file would be removed without it.
    defer {
      drop.parts.removeFirst(done)
      drop.partBytes = drop.parts.reduce(0) { $0 + $1.bytes.count }
    }
    for part in drop.parts {
      guard part.index < end, !isStopping() else { break }
      try await setAside(part, of: drop)
      done += 1
    }
  }

  private mutating func setAside(_ part: OpenDrop.Part, of drop: OpenDrop) async throws(StorageError) {
    // Where one was too much, those after it stay with it.
    guard drop.bad.left == 0, drop.bad.mayCost(part.bytes.count + 1, of: drop.drop.status.size) else {
      return drop.bad.leave(part.failure)
    }
    if drop.bad.first == nil { drop.bad.first = part.failure }
    if drop.bad.alone < BadEvents.aloneLimit, !RestFile.isName(drop.drop.name),
      let name = drop.drop.partName(part.index)
    {
      let bytes = options.charset.encoded(part.bytes)
      let place = try await store.setAside(
        bytes, as: name, part.failure, inbox: options.mapping.inbox, droppedAs: drop.drop.original)
      drop.bad.alone += 1
      drop.bad.bytes += bytes.count
      if place == .retry { drop.bad.retried += 1 } else { drop.bad.failed += 1 }
      summary.count(place)
      return
    }
    let rest: RestFile
    if let begun = drop.bad.rest {
      rest = begun
    } else {
      let (file, folder) = try await store.beginSettingAside(part.failure, history: drop.drop.history)
      rest = RestFile(file, in: folder.folder, charset: options.charset, first: part.failure)
      drop.bad.rest = rest
    }
    try StorageError.wrappingFiles { () throws(FileFailure) in try rest.append(part) }
    drop.bad.bytes += part.bytes.count + 1
  }

  /// Sets a file aside that failed, or what is left of its bad events.
  ///
  /// - Returns: Whether the file can be removed.
  private mutating func setAsideIfFailed(_ drop: OpenDrop) async throws(StorageError) -> Bool {
    if let shortage = drop.shortage {
      drop.end(.noRoom(for: shortage))
      return false
    }
    if let hindrance = drop.hindrance {
      drop.end(hindrance.meansStillWritten ? .stillWritten : .hindered(hindrance))
      return false
    }
    if let failure = drop.failure {
      try await setAside(drop, failure)
      return false
    }
    if var failure = drop.bad.firstLeft {
      // The rest is in the file already.
      drop.bad.rest = nil
      failure.message = Message(
        DropMessage.severalLeft, ["count": .integer(drop.bad.left), "first": .message(failure.message)])
      try await setAside(drop, failure, count: drop.bad.left)
      return false
    }
    if let rest = drop.bad.rest, let name = RestFile.name(for: drop.drop.name) {
      if RestFile.isName(drop.drop.name), drop.drop.history != nil, drop.goods == 0 {
        // All of it is as bad as before: the file itself will do.
        try await setAside(drop, rest.failure, count: rest.count)
        return false
      }
      let place = try await store.setAside(
        StorageError.wrappingFiles { () throws(FileFailure) in try rest.complete() }, as: name, rest.failure,
        count: rest.count, inbox: options.mapping.inbox,
        droppedAs: drop.drop.original,
        history: drop.drop.history)
      if place == .retry { drop.bad.retried += rest.count } else { drop.bad.failed += rest.count }
      summary.count(place)
      if RestFile.isName(drop.drop.name) { drop.restPlace = place }
    }
    logBadEvents(of: drop)
    return true
  }

  private mutating func setAside(
    _ entry: OpenDrop, _ failure: DropFailure, count: Int? = nil
  ) async throws(StorageError) {
    let drop = entry.drop
    let place = try await store.setAside(
      drop.claimedAs, from: drop.folder, as: drop.name, failure, inbox: options.mapping.inbox, droppedAs: drop.original,
      history: drop.history, isQuiet: drop.isQuiet, count: count)
    summary.count(place)
    summary.drops += 1
    if let place { log(failure, "a file", drop.original.text, place) }
    entry.end(.setAside(place))
  }

  /// No file goes without a trace.
  private func tellEmpty(_ drops: [OpenDrop]) {
    guard let first = drops.first else { return }
    logger.notice(
      "files without any event were removed",
      metadata: [
        "inbox": "\(options.mapping.inbox)", "files": "\(drops.count)", "file": "\(first.drop.original.text)",
        "bytes": "\(first.drop.status.size)",
      ])
  }

  /// One line a file, however many of its events failed.
  private func logBadEvents(of drop: OpenDrop) {
    guard let first = drop.bad.first else { return }
    logger.warning(
      "events of a file failed",
      metadata: [
        "inbox": "\(options.mapping.inbox)", "file": "\(drop.drop.original.text)", "events": "\(drop.bad.count)",
        "retry": "\(drop.bad.retried)", "failed": "\(drop.bad.failed)", "reason": "\(first.reason.rawValue)",
        "error": "\(first.message)",
      ])
  }

  private func log(_ failure: DropFailure, _ what: String, _ name: String, _ place: FailedPlace) {
    logger.warning(
      "\(what) \(place == .retry ? "failed and is tried again later" : "failed and waits for a person")",
      metadata: [
        "inbox": "\(options.mapping.inbox)", "file": "\(name)", "folder": place == .retry ? "retry" : "failed",
        "reason": "\(failure.reason.rawValue)", "error": "\(failure.message)",
      ])
  }
}
