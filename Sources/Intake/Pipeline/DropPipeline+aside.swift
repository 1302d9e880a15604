internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Events
internal import Failures
internal import Logging

/// Files and events that failed.
extension DropPipeline {
  // MARK: Bad events of a file of several

  /// Sets aside a file's bad events whose predecessors in it are settled.
  mutating func setPartsAside(of drop: OpenDrop) async throws(StorageError) {
    guard !drop.parts.isEmpty else { return }
    let end = drop.order.firstWaiting ?? .max
    drop.parts.sort()
    var done = 0
    // A part that could not be set aside is kept, or its file would be removed without it.
    defer { drop.parts.removeFirst(done) }
    for part in drop.parts.parts {
      guard part.index < end, !isStopping() else { break }
      try await setAside(part, of: drop)
      done += 1
    }
  }

  private mutating func setAside(_ part: BadParts.Part, of drop: OpenDrop) async throws(StorageError) {
    // Once one was too much, those after it stay with it.
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
      drop.bad.count(1, in: place)
      tally.summary.count(place)
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

  // MARK: Files

  /// Sets aside a file that failed, or the rest of its bad events.
  ///
  /// - Returns: Whether the file can be removed.
  mutating func setAsideIfFailed(_ drop: OpenDrop) async throws(StorageError) -> Bool {
    if let shortage = drop.shortage {
      drop.end = .noRoom(for: shortage)
      return false
    }
    if drop.isHeldElsewhere {
      // When it is read again, what is stored of it is a duplicate.
      drop.end = .unsettled(.heldElsewhere)
      return false
    }
    if drop.isPerhapsMoved {
      drop.end = .unsettled(.perhapsMoved)
      return false
    }
    if let hindrance = drop.hindrance {
      drop.end = DropEnd(hindrance)
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
        count: rest.count, inbox: options.mapping.inbox, droppedAs: drop.drop.original, history: drop.drop.history)
      drop.bad.count(rest.count, in: place)
      tally.summary.count(place)
      if RestFile.isName(drop.drop.name) { drop.restPlace = place }
    }
    logBadEvents(of: drop)
    return true
  }

  private mutating func setAside(
    _ drop: OpenDrop, _ failure: DropFailure, count: Int? = nil
  ) async throws(StorageError) {
    let file = drop.drop
    let place = try await store.setAside(
      file.claimedAs, from: file.folder, as: file.name, failure, inbox: options.mapping.inbox, droppedAs: file.original,
      history: file.history, isQuiet: file.isQuiet, count: count)
    tally.summary.count(place)
    tally.summary.drops += 1
    if let place { log(failure, of: file, place) }
    drop.end = .setAside(place)
  }

  // MARK: The log

  /// How many files one line of the log names.
  private static let namesPerLine = 20

  /// No file disappears without a trace: each is named.
  func logEmpty(_ drops: [OpenDrop]) {
    for begin in stride(from: 0, to: drops.count, by: Self.namesPerLine) {
      let named = drops[begin..<min(begin + Self.namesPerLine, drops.count)]
      logger.notice(
        "files without any event were removed",
        metadata: [
          "inbox": "\(options.mapping.inbox)", "files": "\(named.count)",
          "names": .array(named.map { "\($0.drop.original.text)" }),
          "bytes": "\(named.reduce(0) { $0 + $1.drop.status.size })",
        ])
    }
  }

  /// One line per file, however many of its events failed.
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

  private func log(_ failure: DropFailure, of drop: ClaimedDrop, _ place: FailedPlace) {
    let metadata: Logger.Metadata = [
      "inbox": "\(options.mapping.inbox)", "file": "\(drop.original.text)",
      "folder": place == .retry ? "retry" : "failed", "reason": "\(failure.reason.rawValue)",
      "error": "\(failure.message)",
    ]
    switch place {
    case .retry: logger.warning("a file failed and is tried again later", metadata: metadata)
    case .failed: logger.warning("a file failed and needs a person", metadata: metadata)
    }
  }
}
