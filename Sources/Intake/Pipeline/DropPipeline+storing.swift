internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Events
internal import Failures
internal import Time

/// From events to records: portions, and the files that are finished once theirs are stored.
extension DropPipeline {
  // MARK: Portions

  /// Stores everything taken, and finishes the files.
  mutating func settleAll() async throws(StorageError) {
    try await advance()
    while !underway.isEmpty { try await settleFirst(thenStore: nil) }
    try await letGo(of: nil, outcomes: [])
    if let error = finishLeaving() { throw error }
  }

  /// Gives the store the waiting portion, as soon as the store does not have too much work.
  mutating func advance() async throws(StorageError) {
    if try !hasRoomForAll() {
      // Finishing what the store is working on may make some.
      while !underway.isEmpty { try await settleFirst(thenStore: nil) }
      try leaveWhatHasNoRoom()
    }
    while !underway.isEmpty, underway.reduce(filling.bytes, { $0 + $1.bytes }) > StoringPortion.bytesLimit {
      try await settleFirst(thenStore: nil)
    }
    let next = beginStoring()
    if underway.count < StoringPortion.limit {
      if let next { underway.append(next) }
    } else {
      try await settleFirst(thenStore: next)
    }
  }

  /// Waits for the first portion in the store, and finishes its files.
  private mutating func settleFirst(thenStore next: StoringPortion?) async throws(StorageError) {
    let first = underway.removeFirst()
    if let next { underway.append(next) }
    try await letGo(of: first, outcomes: first.outcomes.value.get())
  }

  /// Has the store take what waits; nil if nothing does.
  private mutating func beginStoring() -> StoringPortion? {
    let bytes = filling.bytes
    filling.drops = 0
    filling.bytes = 0
    guard !filling.events.isEmpty else { return nil }
    defer { filling.events.removeAll(keepingCapacity: true) }
    let submissions = filling.events.map(\.submission)
    let store = store
    return StoringPortion(
      events: filling.events, bytes: bytes, started: store.clock.uptime(),
      outcomes: Task.immediate {
        do throws(StorageError) {
          return .success(try await store.commit(submissions))
        } catch {
          return .failure(error)
        }
      })
  }

  // MARK: Room

  /// Whether there is room for the records of everything that waits, and of what the store may not have written yet.
  private func hasRoomForAll() throws(StorageError) -> Bool {
    guard !filling.events.isEmpty else { return true }
    var room = try store.folders.room()
    for portion in underway {
      for event in portion.events where !room.take(forRecordOf: event.submission.event) { return false }
    }
    return filling.events.allSatisfy { room.take(forRecordOf: $0.submission.event) }
  }

  /// Takes out of the portion what there is no room for: its file is put back, and the others go on.
  private mutating func leaveWhatHasNoRoom() throws(StorageError) {
    var room = try store.folders.room()
    filling.events.removeAll { waiting in
      let event = waiting.submission.event
      if room.take(forRecordOf: event) { return false }
      waiting.drop.order.takeBack(event.source.index ?? 0)
      waiting.drop.shortage = min(waiting.drop.shortage ?? .max, event.recordSize)
      return true
    }
  }

  // MARK: Letting go

  /// Records the outcomes of a portion, and finishes its files.
  mutating func letGo(of portion: StoringPortion?, outcomes: [CommitOutcome]) async throws(StorageError) {
    // What cannot be set aside or removed delays none of the others.
    var firstError = finishLeaving()
    let started = portion?.started ?? store.clock.uptime()
    if let portion {
      tally.stored(in: store.clock.uptime() - started)
      take(outcomes, of: portion.events)
    }
    var stored: [OpenDrop] = []
    for drop in open where !isStopping() || drop.parts.isEmpty {
      do throws(StorageError) {
        try await setPartsAside(of: drop)
        guard drop.isFullyRead, drop.order.waiting == 0, drop.parts.isEmpty else { continue }
        if try await setAsideIfFailed(drop) { stored.append(drop) }
      } catch {
        guard let failure = hindrance(error) else {
          firstError = firstError ?? error
          continue
        }
        drop.hindrance = drop.hindrance ?? failure
        if drop.order.waiting == 0 { drop.end = DropEnd(failure) }
      }
    }
    let leaving = LeavingDrops(stored, started: started, by: store.clock)
    self.leaving = leaving
    if leaving.areGone { firstError = firstError ?? finishLeaving() } else { giveBackWhatIsDone() }
    if let firstError { throw firstError }
  }

  /// Waits for the files being removed, and counts them with their events.
  ///
  /// - Returns: Why some of them could not be removed, if that concerns others too.
  mutating func finishLeaving() -> StorageError? {
    guard let leaving else { return nil }
    self.leaving = nil
    var firstError: StorageError?
    for (drop, end) in zip(leaving.drops, leaving.wait()) {
      switch end {
      case .success(.removed): drop.end = drop.restPlace.map { .setAside($0) } ?? .removed
      case .success(let end): drop.end = end
      case .failure(let failure) where failure.isOfTheMachine: firstError = firstError ?? .files(failure)
      case .failure(let failure): drop.end = .hindered(failure)
      }
    }
    let ended = leaving.drops.filter { $0.end?.isEnd ?? false }
    tally.summary.drops += ended.count
    logEmpty(ended.filter { $0.goods == 0 && $0.bad.count == 0 })
    tally.count(in: store.clock.uptime() - leaving.started, at: store.clock.now())
    giveBackWhatIsDone()
    return firstError
  }

  private mutating func giveBackWhatIsDone() {
    guard open.contains(where: \.isDone) else { return }
    for drop in open {
      if let end = drop.end { settled.append(Settled(drop.drop, end)) }
    }
    open.removeAll(where: \.isDone)
  }

  /// The failure if it concerns one file; nil if others would have it too.
  private func hindrance(_ error: StorageError) -> FileFailure? {
    guard case .files(let failure) = error else { return nil }
    if store.folders.isOfFailuresAlone(failure) { return failure }
    guard !failure.isOfTheMachine else { return nil }
    for folder in [store.folders.retry.folder, store.folders.failed.folder] {
      guard (try? folder.status()) != nil, folder.mayChangeNames else { return nil }
    }
    return failure
  }

  /// Whether the sender of a file has finished: shown by a marker, by one of our reports, or by the time since.
  private func isHereToStay(_ drop: ClaimedDrop) -> Bool {
    options.marker != nil || drop.history != nil || store.clock.uptime() - drop.quietSince >= InboxOptions.moveTime
  }

  private mutating func take(_ outcomes: [CommitOutcome], of events: [WaitingEvent]) {
    for (event, outcome) in zip(events, outcomes) {
      let drop = event.drop
      drop.order.settleOne()
      switch outcome {
      case .stored(let superseded):
        tally.summary.stored += 1
        tally.summary.failed += superseded
        drop.goods += 1
      case .duplicate:
        if event.isRecord, !isHereToStay(drop.drop) {
          drop.isPerhapsMoved = true
          continue
        }
        tally.summary.duplicates += 1
        drop.goods += 1
      case .held: drop.isHeldElsewhere = true
      case .conflict(let failure):
        if let part = event.part {
          drop.parts.add((part.index, Array(part.bytes), failure))
        } else {
          drop.failure = failure
        }
      }
    }
  }
}
