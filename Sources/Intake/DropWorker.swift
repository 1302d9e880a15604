internal import DurableFiles
internal import EventStore
internal import Events
internal import Logging
internal import Schedules
internal import SystemPackage

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
  private(set) var summary = WorkSummary()
  /// A portion is stored early where its events are so large.
  private static let waitingBytesLimit = 8 << 20
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
    var started: Duration
    var outcomes: Task<Result<[CommitOutcome], StoreError>, Never>
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
    reader = DropReader(options, clock: store.clock, isOnRecord: isOnRecord ?? store.isOnRecord)
  }

  // MARK: Taking up

  /// Takes up a claimed file; its events are stored with the portion that they fill.
  ///
  /// - Parameters:
  ///   - drop: The file.
  ///   - content: What was read of it.
  ///   - finish: Called when the worker is done with the file.
  /// - Throws: `StoreError`; files that were taken up and not finished are still claimed then.
  mutating func take(
    _ drop: ClaimedDrop, _ content: consuming DropContent, finish: @escaping (ClaimedDrop, DropEnd) -> Void
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
    if waiting.count >= options.portion || waitingDrops >= options.portion || waitingBytes >= Self.waitingBytesLimit {
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
      let isFull = drop.parts.count >= options.portion || drop.partBytes >= Self.waitingBytesLimit
      if isFull { try await setPartsAside(of: drop) }
    case .event(let event):
      let part = event.source.index.map { (index: $0, bytes: event.ownBytes) }
      waiting.append(Waiting(submission: Submission(event, history: drop.drop.history), drop: drop, part: part))
      drop.waiting += 1
      waitingBytes += event.source.bytes
      if waiting.count >= options.portion || waitingBytes >= Self.waitingBytesLimit { try await advance() }
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

  /// Gives the store the portion that waits: while the store writes and waits for its disk, the files before are removed, and
  /// the files after are claimed and read.
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
    defer { open.removeAll(where: \.isDone) }
    // What cannot be set aside holds up none of the others.
    var firstError: StoreError?
    var stored: [OpenDrop] = []
    for drop in open {
      do throws(StoreError) {
        try await setPartsAside(of: drop)
        guard drop.isFullyRead, drop.waiting == 0 else { continue }
        if let failure = drop.failure { try await setAside(drop, failure) } else { stored.append(drop) }
      } catch {
        firstError = firstError ?? error
      }
    }
    do throws(FileFailure) {
      try DropRemoval(clock: store.clock).remove(stored)
    } catch {
      firstError = firstError ?? .files(error)
    }
    summary.drops += stored.count(where: \.isDone)
    if let firstError { throw firstError }
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
    guard !drop.parts.isEmpty else { return }
    var done = 0
    // A part that could not be set aside stays one, or its file would be removed without it.
    defer {
      drop.parts.removeFirst(done)
      drop.partBytes = drop.parts.reduce(0) { $0 + $1.bytes.count }
    }
    for part in drop.parts {
      if let name = drop.drop.partName(part.index) {
        let bytes = options.charset.encoded(part.bytes)
        let place = try await store.setAside(
          bytes, as: name, part.failure, inbox: options.mapping.inbox, droppedAs: drop.drop.original)
        summary.count(place)
        log(part.failure, "an event of a file", "\(name)", place)
      }
      done += 1
    }
  }

  private mutating func setAside(_ entry: OpenDrop, _ failure: DropFailure) async throws(StoreError) {
    let drop = entry.drop
    let place = try await store.setAside(
      drop.name, from: drop.folder, as: drop.name, failure, inbox: options.mapping.inbox, droppedAs: drop.original,
      history: drop.history)
    summary.count(place)
    summary.drops += 1
    if let place { log(failure, "a file", drop.original.text, place) }
    entry.end(.setAside(place))
  }

  private func log(_ failure: DropFailure, _ what: String, _ name: String, _ place: FailedPlace) {
    logger.warning(
      "\(what) \(place == .retry ? "failed and is tried again later" : "failed and waits for a person")",
      metadata: [
        "inbox": "\(options.mapping.inbox)", "file": "\(name)", "folder": place == .retry ? "retry" : "failed",
        "reason": "\(failure.reason.rawValue)", "why": "\(failure.message)",
      ])
  }
}
