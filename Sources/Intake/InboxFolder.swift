internal import DurableFiles
internal import EventStore
internal import Events
internal import Logging
internal import Schedules
internal import SystemPackage

/// One folder of an inbox: looks for drops that are ready, claims them oldest first, and brings them to the store portion by
/// portion.
final class InboxFolder {
  let options: InboxOptions
  let store: RecordStore
  let clock: any WallClock
  let logger: Logger
  let folder: Folder
  /// The way from the inbox to this folder, such as `shop/orders/`; empty for the inbox itself.
  private let path: [UInt8]
  let claims: ClaimFolder
  private let patterns: NamePatterns
  private var readiness: Readiness
  /// Files that a process held open for writing when they were looked at, by their inodes: they are asked about before they
  /// are claimed, so that their names do not come and go.
  var heldOpen: [FileName: UInt64] = [:]
  /// Files that cannot be opened or moved.
  var leftAlone = FilesLeftAlone()
  var hasRecovered = false
  /// Whether a drop was left in the folder because there is no room to store it.
  private var isShortOfRoom = false

  /// - Parameters:
  ///   - options: The inbox.
  ///   - folder: The folder.
  ///   - path: The way from the inbox to it, with a slash at its end; empty for the inbox itself.
  ///   - claims: Where its claimed files are.
  ///   - store: Where its events go.
  ///   - clock: What time it is.
  ///   - logger: What is told to the operator.
  init(
    _ options: InboxOptions, _ folder: Folder, path: [UInt8], claims: ClaimFolder, store: RecordStore,
    clock: any WallClock, logger: Logger
  ) {
    self.options = options
    self.folder = folder
    self.path = path
    self.claims = claims
    self.store = store
    self.clock = clock
    self.logger = logger
    patterns = NamePatterns(include: options.include, exclude: options.exclude)
    readiness = Readiness(settle: options.settle)
  }

  /// Works until nothing is ready any more.
  ///
  /// - Parameter isStopping: Asked between portions; what is under way is finished.
  /// - Returns: What was done.
  /// - Throws: `StoreError`; what was claimed has been put back then, as far as that could be done.
  func work(
    until isStopping: @escaping @Sendable () -> Bool = { false }
  ) async throws(StoreError) -> WorkSummary {
    var total = WorkSummary()
    if !hasRecovered {
      total += try await recover(until: isStopping)
      hasRecovered = true
    }
    while !isStopping() {
      isShortOfRoom = false
      let scan: InboxScan
      do {
        scan = try InboxScan(
          of: folder, patterns: patterns, marker: options.marker, readiness: &readiness, clock: clock)
      } catch {
        throw .files(error)
      }
      forgetWhatIsGone()
      tidySidecars(scan.sidecars)
      let wereFailed = total.failed
      try await setOddAside(scan.odd, &total)
      total.unsettled = scan.unsettled
      let done = try await process(until: isStopping) { worker throws(StoreError) in
        for next in scan.ready.portions(of: options.portion) {
          guard !isStopping() else { break }
          try await take(claim(next), with: &worker, until: isStopping)
        }
      }
      let isGettingOn = done.drops > 0 || total.failed > wereFailed
      total += done
      total.heldOpen = heldOpen.isEmpty ? 0 : scan.ready.count { heldOpen[$0.name] == $0.status.inode }
      total.leftAlone =
        leftAlone.isEmpty
        ? 0 : scan.ready.count { leftAlone.holds($0.name) } + scan.odd.count { leftAlone.holds($0.name) }
      // Where there was not room for all, letting go of drops may have made some.
      guard scan.hasMore || isShortOfRoom, isGettingOn else { break }
    }
    if isShortOfRoom { throw store.lackOfRoom }
    return total
  }

  // MARK: Portions

  /// Has a worker store what `body` gives it; what could not be stored is put back.
  private func process(
    until isStopping: @escaping @Sendable () -> Bool, _ body: (inout DropWorker) async throws(StoreError) -> Void
  ) async throws(StoreError) -> WorkSummary {
    var worker = DropWorker(store: store, options: options, logger: logger, until: isStopping) { done, time in
      self.log(done, in: time)
    }
    do throws(StoreError) {
      try await body(&worker)
      try await worker.finish()
    } catch {
      putBack(await worker.abandon())
      throw error
    }
    return worker.summary
  }

  private func claim(_ entries: Slice<OldestFiles>) throws(StoreError) -> [ClaimedDrop] {
    var claimed: [ClaimedDrop] = []
    claimed.reserveCapacity(entries.count)
    var room = try store.room()
    do throws(FileFailure) {
      for entry in entries {
        guard room.take(forDropOf: entry.status.size) else {
          isShortOfRoom = true
          continue
        }
        guard try mayBeClaimed(entry) else { continue }
        let place = try claim(
          entry.name, orSay: "a drop cannot be moved and stays in the inbox; give this process's user the right to")
        if let place { claimed.append(drop(entry.name, in: place, entry.status)) }
      }
    } catch {
      putBack(claimed)
      // A rename may have been done that was said to have failed.
      hasRecovered = false
      throw .files(error)
    }
    return claimed
  }

  /// Claims a file; nil where it is gone, or may not be moved, which is told.
  func claim(_ name: FileName, orSay message: Logger.Message) throws(FileFailure) -> Folder? {
    do {
      return try claims.claim(name)
    } catch  where error.isOfOneFile {
      leaveAlone(name, error, message)
      return nil
    }
  }

  /// Reads claimed files, and gives them to a worker; those that it has not got when this throws, or is to stop, are put back.
  private func take(
    _ claimed: [ClaimedDrop], with worker: inout DropWorker, until isStopping: @Sendable () -> Bool
  ) async throws(StoreError) {
    var rest = claimed[...]
    do throws(StoreError) {
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
    if case .changed = end { putBack([drop]) } else { removeMarker(of: drop) }
  }

  /// Reads a claimed file; nil where it is none to be stored now.
  private func read(_ drop: inout ClaimedDrop, with worker: inout DropWorker) async throws(StoreError) -> DropContent? {
    var read = worker.reader.attempt(&drop)
    if case .failure(let error) = read, error.errno == .tooManyOpenFiles {
      // The records that are being written have them: once these are stored, there are some again.
      try await worker.finish()
      read = worker.reader.attempt(&drop)
    }
    do throws(FileFailure) {
      let content = try read.get()
      if case .unsettled = content {
        heldOpen[drop.name] = drop.status.inode
        try claims.putBack(drop.name, from: drop.folder)
        return nil
      }
      if !heldOpen.isEmpty { heldOpen[drop.name] = nil }
      leftAlone.remove(drop.name)
      return content
    } catch {
      guard error.isOfOneFile else { throw .files(error) }
      putBack([drop])
      leaveAlone(
        drop.name, error, "a drop cannot be read and stays in the inbox; give this process's user the right to read it")
      return nil
    }
  }

  /// Puts back what is still claimed: what could not be stored stays a drop.
  func putBack(_ claimed: some Sequence<ClaimedDrop>) {
    for drop in claimed {
      do {
        try claims.putBack(drop.name, from: drop.folder)
      } catch {
        // It stays claimed, and is taken up again from there.
        hasRecovered = false
      }
    }
  }

  /// Takes up the files that a run which was cut off had claimed.
  private func recover(until isStopping: @escaping @Sendable () -> Bool) async throws(StoreError) -> WorkSummary {
    let left: [(folder: Folder, name: FileName)]
    do {
      left = try claims.claimed()
    } catch {
      throw .files(error)
    }
    guard !left.isEmpty else { return WorkSummary() }
    logger.info(
      "drops that were claimed by the last run are taken up again",
      metadata: ["inbox": "\(options.name)", "drops": "\(left.count)"])
    return try await process(until: isStopping) { worker throws(StoreError) in
      for next in left.portions(of: options.portion) {
        try await take(taken(next), with: &worker, until: isStopping)
      }
    }
  }

  private func taken(_ left: ArraySlice<(folder: Folder, name: FileName)>) throws(StoreError) -> [ClaimedDrop] {
    var claimed: [ClaimedDrop] = []
    for (folder, name) in left {
      let status: FileStatus?
      do {
        status = try folder.status(of: name)
      } catch {
        throw .files(error)
      }
      guard let status else { continue }
      claimed.append(drop(name, in: folder, status))
    }
    return claimed
  }

  func drop(_ name: FileName, in place: Folder, _ status: FileStatus) -> ClaimedDrop {
    ClaimedDrop(
      folder: place, name: name, original: DropName(bytes: path + name.bytes), status: status, isKnownClosed: false,
      history: nil)
  }

  private func log(_ done: WorkSummary, in time: Duration) {
    guard done.drops > 0 else { return }
    logger.info(
      "portion stored",
      metadata: [
        "inbox": "\(options.name)", "drops": "\(done.drops)", "stored": "\(done.stored)",
        "duplicates": "\(done.duplicates)", "retry": "\(done.retried)", "failed": "\(done.failed)",
        "duration_ms": "\(time.inMilliseconds)",
      ])
  }
}

extension RandomAccessCollection where Index == Int {
  /// Its elements in their order, so many at a time; its first index is 0.
  func portions(of size: Int) -> some Sequence<SubSequence> {
    stride(from: 0, to: count, by: size).lazy.map { self[$0..<Swift.min($0 + size, count)] }
  }
}
