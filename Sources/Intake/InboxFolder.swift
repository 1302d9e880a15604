internal import DurableFiles
internal import EventStore
internal import Events
internal import Logging
internal import SystemPackage
internal import Time

/// One folder of an inbox: looks for drops that are ready, claims them oldest first, and brings them to the store portion by
/// portion.
final class InboxFolder {
  let options: InboxOptions
  let store: RecordStore
  let clock: any WallClock
  let logger: Logger
  let folder: Folder
  /// The way from the inbox to this folder, such as `shop/orders/`; empty for the inbox itself.
  let path: [UInt8]
  let claims: ClaimFolder
  /// Whether a folder inside is looked into by another one of these.
  private let hasOwnLook: (FileName) -> Bool
  private let patterns: NamePatterns
  var readiness: Readiness
  /// Files that may still be written, as far as is known: they are asked about before they are claimed, so that their names do
  /// not come and go.
  var held: [FileName: HeldFile] = [:]
  /// Files that cannot be opened or moved.
  var leftAlone = FilesLeftAlone()
  /// Those of them that are new at this look.
  var newlyLeft = NewlyLeft()
  /// The names that senders gave to files that have others by now.
  var givenNames = GivenNames()
  /// Files that look like sidecars and are none, or are not ours to remove.
  var readSidecars: [FileKey: Int] = [:]
  var hasRecovered = false
  /// What is not taken, as of the last look.
  var waiting = WaitingFiles()
  /// Whether the folder answered at the last look.
  private(set) var isReachable = true
  /// What is left in the folder because there was no room for it.
  private var shortages = RoomShortages()
  /// Whether something was, at this look.
  private var hasLeftForRoom = false
  /// Whether there was no room for claims.
  private var lacksRoomForClaims = false

  /// A file that may still be written.
  struct HeldFile {
    var status: FileStatus
    var why: Unsettled
    var quietSince: Duration
  }

  /// - Parameters:
  ///   - options: The inbox.
  ///   - folder: The folder.
  ///   - path: The way from the inbox to it, with a slash at its end; empty for the inbox itself.
  ///   - claims: Where its claimed files are.
  ///   - store: Where its events go.
  ///   - clock: What time it is.
  ///   - logger: What is told to the operator.
  ///   - hasOwnLook: Whether a folder inside is looked into by another one of these.
  init(
    _ options: InboxOptions, _ folder: Folder, path: [UInt8], claims: ClaimFolder, store: RecordStore,
    clock: any WallClock, logger: Logger, hasOwnLook: @escaping (FileName) -> Bool
  ) {
    self.options = options
    self.folder = folder
    self.path = path
    self.claims = claims
    self.store = store
    self.clock = clock
    self.logger = logger
    self.hasOwnLook = hasOwnLook
    patterns = NamePatterns(include: options.include, exclude: options.exclude)
    readiness = Readiness(settle: options.settle)
  }

  /// Works until nothing is ready any more.
  ///
  /// - Parameter isStopping: Asked between portions; what is under way is finished.
  /// - Returns: What was done.
  /// - Throws: `StorageError`; what was claimed has been put back then, as far as that could be done.
  func work(
    until isStopping: @escaping @Sendable () -> Bool = { false }
  ) async throws(StorageError) -> WorkSummary {
    var total = WorkSummary()
    defer { tellNewlyLeft() }
    if !claims.isInPlace {
      // Somebody has moved the folder of claims: what is in it is put back, and another one is made.
      hasRecovered = false
    }
    if !hasRecovered { total += try await recover(until: isStopping) }
    while !isStopping() {
      hasLeftForRoom = false
      lacksRoomForClaims = false
      let scan = try scan(until: isStopping)
      guard !scan.isCutShort else { break }
      waiting = scan.waiting
      total.unsettled = scan.unsettled
      for (name, failure) in scan.hindered { newlyLeft.add(name, failure, .unreadable) }
      forgetWhatIsGone()
      shortages.beginLook()
      try StorageError.wrappingFiles { () throws(FileFailure) in try claims.putBackInPlace(scan.takenInPlace) }
      takeSidecars(scan.sidecars)
      let wereFailed = total.failed
      try await setOddAside(scan.odd, &total, until: isStopping)
      let done = try await process(until: isStopping) { worker throws(StorageError) in
        for next in scan.ready.portions(of: options.portion) {
          guard !isStopping() else { break }
          try await take(claim(next, scan.otherMarkers), with: &worker, until: isStopping)
        }
      }
      let isGettingOn = done.drops > 0 || total.failed > wereFailed
      total += done
      total.unsettled = waiting[.settling]
      total.leftAlone = waiting[.unreadable]
      // Where there was not room for all, letting go of drops may have made some.
      guard scan.hasMore || hasLeftForRoom, isGettingOn else { break }
    }
    // One file that is too large for what is left holds up no other, and is counted.
    if hasLeftForRoom {
      let isUsedUp = try store.folders.room().isUsedUp
      if isUsedUp || lacksRoomForClaims { throw store.folders.lackOfRoom }
    }
    return total
  }

  private func scan(until isStopping: @escaping @Sendable () -> Bool) throws(StorageError) -> InboxScan {
    let isOfThisMachineAlone = folder.isOfThisMachineAlone
    var rules = InboxScan.Rules(patterns: patterns, marker: options.marker) { [options] name in
      options.settleTime(name, isOfThisMachineAlone: isOfThisMachineAlone)
    }
    rules.path = String(decoding: path, as: UTF8.self)
    rules.hasOwnLook = hasOwnLook
    do {
      isReachable = true
      return try InboxScan(
        of: folder, by: rules, readiness: &readiness, leftAlone: &leftAlone, clock: clock, until: isStopping)
    } catch {
      isReachable = false
      throw .files(error)
    }
  }

  // MARK: Portions

  /// Has a worker store what `body` gives it; what could not be stored is put back.
  private func process(
    until isStopping: @escaping @Sendable () -> Bool, _ body: (inout DropWorker) async throws(StorageError) -> Void
  ) async throws(StorageError) -> WorkSummary {
    var worker = DropWorker(store: store, options: options, logger: logger, until: isStopping) { done, time in
      self.log(done, in: time)
    }
    do throws(StorageError) {
      try await body(&worker)
      try await worker.finish()
    } catch {
      putBack(await worker.abandon())
      throw error
    }
    // What it was told to stop in: the next start reads it from its beginning, and what is stored by then is a duplicate.
    putBack(await worker.abandon())
    return worker.summary
  }

  private func claim(
    _ entries: Slice<OldestFiles>, _ markers: [FileName: FileName]
  ) throws(StorageError) -> [ClaimedDrop] {
    var claimed: [ClaimedDrop] = []
    claimed.reserveCapacity(entries.count)
    var room = try store.folders.room()
    do throws(FileFailure) {
      for entry in entries where !givenNames.isReport(entry.name) {
        // How much a file takes is seen once it is read: its size is a number that costs its sender nothing.
        guard room.take(forRecordOf: shortages.need(of: entry.name, entry.status)) else {
          hasLeftForRoom = true
          count(.noRoom, entry)
          continue
        }
        guard try mayBeClaimed(entry) else { continue }
        if let claim = try claim(entry, marker: markers[entry.name]) {
          claimed.append(drop(entry.name, claim, entry.status, quietSince: quietSince(entry), isAfterLook: true))
        }
      }
    } catch {
      // A rename may have been done that was said to have failed.
      hasRecovered = false
      // Where there is no room for more claims, letting go of these makes some.
      if !claimed.isEmpty, error.errno == .noSpace || error.errno == .diskQuotaExceeded {
        hasLeftForRoom = true
        lacksRoomForClaims = true
        return claimed
      }
      putBack(claimed)
      throw .files(error)
    }
    return claimed
  }

  /// Claims a file; nil where it is gone, or may not be moved, which is told.
  ///
  /// - Throws: `FileFailure` that is true of the whole folder.
  func claim(_ entry: InboxScan.Entry, marker: FileName?) throws(FileFailure) -> ClaimFolder.Claim? {
    do {
      let claim = try claims.claim(entry.name, marker: marker)
      // Something of its name that nobody works on may be claimed.
      if claim == nil { hasRecovered = false }
      return claim
    } catch {
      guard !folder.isConcerned(by: error) else { throw error }
      hasRecovered = false
      leaveAlone(entry.name, error, .unmovable)
      count(.unreadable, entry)
      return nil
    }
  }

  /// Reads claimed files, and gives them to a worker; those that it has not got when this throws, or is to stop, are put back.
  private func take(
    _ claimed: [ClaimedDrop], with worker: inout DropWorker, until isStopping: @Sendable () -> Bool
  ) async throws(StorageError) {
    var rest = claimed[...]
    do throws(StorageError) {
      while var drop = rest.first {
        guard !isStopping() else { return putBack(rest) }
        let content = try await read(&drop, with: &worker)
        rest.removeFirst()
        guard let content else { continue }
        try await worker.take(drop, content, finish: finish)
      }
    } catch {
      putBack(rest)
      throw error
    }
  }

  private func finish(_ drop: ClaimedDrop, _ end: DropEnd) {
    switch end {
    case .removed, .setAside:
      claims.forget(drop.claim)
      removeMarker(of: drop)
      removeReports(of: drop)
    case .changed: putBack([drop])
    case .stillWritten: hold(drop, .perhapsWritten)
    case .hindered(let failure): putBackAndLeaveAlone(drop, failure)
    case .noRoom(let size): putBackForRoom(drop, size)
    }
  }

  /// Reads a claimed file; nil where it is none to be stored now.
  private func read(_ drop: inout ClaimedDrop, with worker: inout DropWorker) async throws(StorageError) -> DropContent?
  {
    switch try await worker.read(&drop) {
    case .success(.unsettled(.vanished)):
      claims.forget(drop.claim)
      logger.error(
        "a drop has vanished after it was claimed; somebody else must have removed it",
        metadata: ["inbox": "\(options.name)", "file": "\(drop.original.text)", "folder": "\(drop.folder.path)"])
      return nil
    case .success(.unsettled(let why)):
      hold(drop, why)
      return nil
    case .success(.stopped):
      putBack([drop])
      return nil
    case .success(let content):
      if !held.isEmpty { held[drop.name] = nil }
      leftAlone.remove(drop.name)
      return content
    case .failure(let error):
      guard !error.isOfTheMachine else { throw .files(error) }
      putBackAndLeaveAlone(drop, error)
      return nil
    }
  }

  /// Puts back what is still claimed: what could not be stored stays a drop.
  func putBack(_ claimed: some Sequence<ClaimedDrop>) {
    for drop in claimed { _ = putBack(drop) }
  }

  /// - Returns: The name that it has now.
  func putBack(_ drop: ClaimedDrop) -> FileName? {
    do {
      let name = try claims.putBack(drop.name, drop.claim)
      if let name { noteName(of: drop, putBackAs: name) }
      return name
    } catch {
      // It stays claimed, and is taken up again from there.
      hasRecovered = false
      return nil
    }
  }

  /// Puts a file back that there is no room for, and keeps in mind how much it needs: it is read again once that is there.
  private func putBackForRoom(_ drop: ClaimedDrop, _ size: Int) {
    hasLeftForRoom = true
    guard let name = putBack(drop), let status = (try? folder.status(of: name)) ?? nil else { return }
    readiness.carry(name, status, quietSince: drop.quietSince)
    shortages.note(name, status, needs: size)
    count(.noRoom, InboxScan.Entry(name: name, status: status))
  }

  // MARK: After a run that was cut off

  /// Takes up the files that a run which was cut off had claimed.
  private func recover(until isStopping: @escaping @Sendable () -> Bool) async throws(StorageError) -> WorkSummary {
    let left = try StorageError.wrappingFiles { () throws(FileFailure) in try claims.claimed() }
    hasRecovered = !claims.hasStuckMarkers
    guard claims.isInPlace else {
      for claim in left {
        do { try claims.putBack(claim.name, claim) } catch { hasRecovered = false }
      }
      claims.closeLocal()
      return WorkSummary()
    }
    guard !left.isEmpty else { return WorkSummary() }
    logger.info(
      "drops that were claimed by the last run are taken up again",
      metadata: ["inbox": "\(options.name)", "drops": "\(left.count)"])
    return try await process(until: isStopping) { worker throws(StorageError) in
      for next in left.portions(of: options.portion) {
        try await take(taken(next), with: &worker, until: isStopping)
      }
    }
  }

  private func taken(_ left: ArraySlice<ClaimFolder.Claim>) -> [ClaimedDrop] {
    var claimed: [ClaimedDrop] = []
    for claim in left {
      do throws(FileFailure) {
        guard let status = try claim.folder.status(of: claim.name) else { continue }
        claimed.append(drop(claim.name, claim, status, quietSince: clock.uptime(), isAfterLook: false))
      } catch {
        // It stays claimed, and is tried again with the next look.
        hasRecovered = false
        newlyLeft.add(claim.name, error, .unreadable)
      }
    }
    return claimed
  }

  func drop(
    _ name: FileName, _ claim: ClaimFolder.Claim, _ status: FileStatus, quietSince: Duration, isAfterLook: Bool
  ) -> ClaimedDrop {
    ClaimedDrop(
      folder: claim.folder, claimedAs: claim.name, name: name,
      original: droppedName(of: name, isAfterLook: isAfterLook),
      status: status, isKnownClosed: false, quietSince: quietSince, history: nil)
  }

  private func log(_ done: WorkSummary, in time: Duration) {
    guard done.drops > 0 else { return }
    var metadata = done.metadata
    metadata["inbox"] = "\(options.name)"
    metadata["duration_ms"] = "\(time.inMilliseconds)"
    logger.info("portion stored", metadata: metadata)
  }
}

extension ClaimedDrop {
  /// Where it is now.
  var claim: ClaimFolder.Claim { ClaimFolder.Claim(folder: folder, name: claimedAs) }
}

extension RandomAccessCollection where Index == Int {
  /// Its elements in their order, so many at a time; its first index is 0.
  func portions(of size: Int) -> some Sequence<SubSequence> {
    stride(from: 0, to: count, by: size).lazy.map { self[$0..<Swift.min($0 + size, count)] }
  }
}
