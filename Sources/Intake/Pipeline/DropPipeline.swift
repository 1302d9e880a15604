internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Events
internal import Logging
internal import SystemPackage
internal import Time

/// Takes claimed files the rest of the way: reads them, has their events stored portion by portion, and returns each
/// file once all its content is on disk, or it can go no further.
///
/// Files go in one by one, and come out as values: the outcome of each. While the store writes and waits for its disk,
/// earlier files are removed, and later files are claimed and read.
struct DropPipeline {
  private var reader: DropReader
  let store: RecordStore
  let options: InboxOptions
  /// Called now and then while a large file is read.
  let isStopping: @Sendable () -> Bool
  let logger: Logger
  /// The files taken and not finished yet, in this order.
  var open: [OpenDrop] = []
  var filling = FillingPortion()
  /// The portions in the store while the next one is filled; bounded.
  var underway: [StoringPortion] = []
  /// The files being removed.
  var leaving: LeavingDrops?
  /// The files that are finished but not returned yet.
  var settled: [Settled] = []
  var tally: IntakeTally

  /// - Parameters:
  ///   - store: Where events are stored.
  ///   - options: The inbox of the files.
  ///   - logger: For messages to the operator.
  ///   - tally: Counts the work.
  ///   - isOnRecord: See `EventReader`; by default, the store's answer.
  ///   - isStopping: Called now and then; work in progress is finished.
  init(
    store: RecordStore, options: InboxOptions, logger: Logger, tally: IntakeTally,
    isOnRecord: (@Sendable (RecordClaim) -> Bool)? = nil, until isStopping: @escaping @Sendable () -> Bool
  ) {
    self.store = store
    self.options = options
    self.isStopping = isStopping
    self.logger = logger
    self.tally = tally
    reader = DropReader(options, clock: store.clock, isOnRecord: isOnRecord ?? store.isOnRecord, until: isStopping)
  }

  // MARK: In and out

  /// Reads a claimed file, and takes it; its events are stored with the portion that they fill.
  ///
  /// - Returns: The files finished by now.
  /// - Throws: `StorageError`; this and other unfinished files are kept until `abandon()`.
  mutating func take(_ drop: ClaimedDrop) async throws(StorageError) -> [Settled] {
    var drop = drop
    let read: Result<DropContent, FileFailure>
    do throws(StorageError) {
      read = try await self.read(&drop)
      if case .failure(let failure) = read, failure.isOfTheMachine { throw .files(failure) }
    } catch {
      settled.append(Settled(drop, .unfinished))
      throw error
    }
    switch read {
    case .failure(let failure): settled.append(Settled(drop, .hindered(failure)))
    case .success(.unsettled(let why)): settled.append(Settled(drop, .unsettled(why)))
    case .success(.stopped): settled.append(Settled(drop, .unfinished))
    case .success(.failed(let failure)):
      let drop = takeUp(drop)
      drop.failure = failure
      try await endReading(of: drop)
    case .success(.event(let item, let bytes)):
      let drop = takeUp(drop)
      filling.bytes += bytes.count
      try await take(item, of: bytes, from: drop)
      try await endReading(of: drop)
    case .success(.several(let events)):
      let drop = takeUp(drop)
      // If stopped, the file stays claimed and is read from its beginning: what is stored by then is a duplicate.
      if try await take(events, from: drop) { try await endReading(of: drop) }
    }
    return takeSettled()
  }

  /// Stores everything taken.
  ///
  /// - Returns: The files finished by now.
  /// - Throws: `StorageError`; unfinished files are kept until `abandon()`.
  mutating func finish() async throws(StorageError) -> [Settled] {
    try await settleAll()
    return takeSettled()
  }

  /// Waits for the store to finish its portions, and returns all files: at the end, and after an error.
  ///
  /// - Returns: The files not returned yet; unfinished ones are marked as such.
  mutating func abandon() async -> [Settled] {
    while !underway.isEmpty {
      let portion = underway.removeFirst()
      try? await letGo(of: portion, outcomes: portion.outcomes.value.get())
    }
    _ = finishLeaving()
    settled += open.map { Settled($0.drop, .unfinished) }
    open = []
    return takeSettled()
  }

  private mutating func takeSettled() -> [Settled] {
    guard !settled.isEmpty else { return [] }
    defer { settled = [] }
    return settled
  }

  // MARK: Reading

  /// Reads a claimed file; if out of descriptors, after the records being written have returned theirs.
  ///
  /// - Throws: `StorageError` of work in progress.
  private mutating func read(_ drop: inout ClaimedDrop) async throws(StorageError) -> Result<DropContent, FileFailure> {
    let read = reader.attempt(&drop)
    guard case .failure(let error) = read, error.errno == .tooManyOpenFiles else { return read }
    try await settleAll()
    return reader.attempt(&drop)
  }

  private mutating func takeUp(_ drop: ClaimedDrop) -> OpenDrop {
    filling.drops += 1
    let drop = OpenDrop(drop)
    open.append(drop)
    return drop
  }

  private mutating func endReading(of drop: OpenDrop) async throws(StorageError) {
    drop.isFullyRead = true
    if filling.isFull(options.portion) { try await advance() }
  }

  /// - Returns: Whether it has reached the end; false if stopped.
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
          // What precedes it is stored; on a retry it is a duplicate.
          drop.failure = failure
          return true
        }
      }
      switch next {
      case nil: return true
      case .oversized(let index, let size):
        drop.bad.leave(SeveralPart.failure(ofOversized: index, size: size, options.mapping))
      case .events(let bytes, let ranges, let firstIndex):
        // All of them are kept in memory as long as one of their events waits.
        filling.bytes += bytes.count
        for (position, range) in ranges.enumerated() {
          if drop.shortage != nil { return true }
          if position.isMultiple(of: 1000), isStopping() { return false }
          let item = reader.item(in: bytes, range, named: drop.drop.original, index: firstIndex + position)
          try await take(item, of: bytes, from: drop)
          // It is no longer ours if it could go no further.
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
      drop.parts.add((failed.index, Array(bytes[failed.range]), failed.failure))
      if drop.parts.count >= options.portion || drop.parts.bytes >= FillingPortion.bytesLimit {
        // Earlier events of their file must be settled first, to keep the order.
        try await settleAll()
      }
    case .event(let event):
      let part = event.source.index.map { (index: $0, bytes: event.ownBytes) }
      filling.events.append(
        WaitingEvent(submission: Submission(event, history: drop.drop.history), drop: drop, part: part))
      drop.order.give(event.source.index ?? 0)
      if filling.events.count >= options.portion || filling.bytes >= FillingPortion.bytesLimit { try await advance() }
    }
  }
}
