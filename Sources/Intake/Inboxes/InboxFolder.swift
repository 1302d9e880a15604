internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Logging
internal import Time

/// One folder of an inbox: looks for drops that are ready, claims them oldest first, and has a pipeline store them
/// portion by portion.
final class InboxFolder {
  let options: InboxOptions
  let store: RecordStore
  let logger: Logger
  /// The path from the inbox to this folder, such as `shop/orders/`; empty for the inbox itself.
  let path: [UInt8]
  let source: SourceFolder
  /// The rules of a look.
  private var rules: InboxScan.Rules
  /// Files that may still be written, as far as is known: they are checked before they are claimed, so that their names
  /// do not come and go.
  var held: [FileName: HeldFile] = [:]
  /// The names that senders gave to files whose names have changed.
  var givenNames = GivenNames()
  /// Files that look like sidecars but are not, or are not ours to remove.
  var readSidecars: [FileKey: Int] = [:]
  /// What is not taken, as of the last look.
  var waiting = WaitingFiles()
  /// Whether the folder responded at the last look.
  private(set) var isReachable = true
  /// Whether there was no room for claims.
  var lacksRoomForClaims = false
  /// Reports when something arrives; nil if that is seen at the next look.
  private let watch: FolderWatch?

  /// - Parameters:
  ///   - options: The inbox.
  ///   - folder: The folder.
  ///   - path: The path from the inbox to it, with a slash at the end; empty for the inbox itself.
  ///   - claims: Where its claimed files are.
  ///   - store: Where its events are stored.
  ///   - clock: The clock.
  ///   - logger: For messages to the operator.
  ///   - arrived: Called soon after something has arrived; nil: not wanted.
  ///   - hasOwnLook: Whether another object looks into a folder inside.
  init(
    _ options: InboxOptions, _ folder: Folder, path: [UInt8], claims: ClaimFolder, store: RecordStore,
    clock: any WallClock, logger: Logger, arrived: (@Sendable () -> Void)?,
    hasOwnLook: @escaping (FileName) -> Bool
  ) {
    // Before the first look, so that nothing arrives unseen in between.
    watch = arrived.flatMap { FolderWatch(folder, $0) }
    self.options = options
    self.store = store
    self.logger = logger
    self.path = path
    source = SourceFolder(folder, claims: claims, settle: options.settle, clock: clock)
    rules = InboxScan.Rules(
      patterns: NamePatterns(include: options.include, exclude: options.exclude), marker: options.marker,
      quietTime: { _ in options.settle })
    rules.path = String(decoding: path, as: UTF8.self)
    rules.hasOwnLook = hasOwnLook
  }

  var folder: Folder { source.folder }
  var claims: ClaimFolder { source.claims }
  var clock: any WallClock { source.clock }

  // MARK: Looking

  /// Works until nothing more is ready.
  ///
  /// - Parameter isStopping: Called between portions; work in progress is finished.
  /// - Returns: What was done.
  /// - Throws: `StorageError`; claimed files have been put back, as far as possible.
  func work(
    until isStopping: @escaping @Sendable () -> Bool = { false }
  ) async throws(StorageError) -> WorkSummary {
    var total = WorkSummary()
    defer { logNewlyLeft() }
    if !claims.local.isInPlace {
      // Somebody has moved the folder of claims: its content is put back, and another one is created.
      source.hasRecovered = false
    }
    if !source.hasRecovered { total += try await recover(until: isStopping) }
    while !isStopping() {
      source.hasLeftForRoom = false
      lacksRoomForClaims = false
      let began = clock.uptime()
      let scan = try scan(until: isStopping)
      guard !scan.isCutShort else { break }
      total.lookTime += clock.uptime() - began
      total.settlesAt = scan.settlesAt
      try note(scan, until: isStopping)
      let wereFailed = total.failed
      try await setOddAside(scan.odd, &total, until: isStopping)
      var ready = ReadyFiles(scan, in: self)
      let done = try await store(&ready, until: isStopping)
      let isGettingOn = done.drops > 0 || total.failed > wereFailed
      total += done
      total.unsettled = waiting[.settling]
      total.leftAlone = waiting[.unreadable]
      // If there was no room for all, finishing drops may have made some.
      guard scan.hasMore || source.hasLeftForRoom, isGettingOn else { break }
    }
    // A file too large for the remaining room delays no other, and is counted.
    if source.hasLeftForRoom {
      let isUsedUp = try store.folders.room().isUsedUp
      if isUsedUp || lacksRoomForClaims { throw store.folders.lackOfRoom }
    }
    return total
  }

  private func scan(until isStopping: @escaping @Sendable () -> Bool) throws(StorageError) -> InboxScan {
    let isOfThisMachineAlone = folder.isOfThisMachineAlone
    rules.quietTime = { [options] name in
      options.settleTime(name, isOfThisMachineAlone: isOfThisMachineAlone)
    }
    do {
      isReachable = true
      return try InboxScan(
        of: folder, by: rules, readiness: &source.readiness, leftAlone: &source.leftAlone, clock: clock,
        until: isStopping)
    } catch {
      isReachable = false
      throw .files(error)
    }
  }

  /// Takes what a look has found besides the files that are ready.
  private func note(_ scan: InboxScan, until isStopping: () -> Bool) throws(StorageError) {
    waiting = scan.waiting
    for (name, failure) in scan.hindered { source.newlyLeft.add(name, failure, .unreadable) }
    forgetWhatIsGone()
    source.shortages.beginLook()
    try StorageError.wrappingFiles { () throws(FileFailure) in try claims.putBackInPlace(scan.takenInPlace) }
    takeSidecars(scan.sidecars, until: isStopping)
  }

  /// Has a pipeline store the drops of a source.
  private func store(
    _ drops: inout some DropSource, until isStopping: @escaping @Sendable () -> Bool
  ) async throws(StorageError) -> WorkSummary {
    var pipeline = DropPipeline(
      store: store, options: options, logger: logger, tally: IntakeTally(inbox: options.name, logger: logger),
      until: isStopping)
    return try await pipeline.run(&drops)
  }

  // MARK: After an interrupted run

  /// Takes up the files claimed by an interrupted run.
  private func recover(until isStopping: @escaping @Sendable () -> Bool) async throws(StorageError) -> WorkSummary {
    let left = try StorageError.wrappingFiles { () throws(FileFailure) in try claims.claimed() }
    source.hasRecovered = !claims.hasStuckMarkers
    guard claims.local.isInPlace else {
      for claim in left { _ = source.putBack(claim.name, claim) }
      claims.local.close()
      return WorkSummary()
    }
    guard !left.isEmpty else { return WorkSummary() }
    logger.info(
      "drops that were claimed by the last run are taken up again",
      metadata: ["inbox": "\(options.name)", "drops": "\(left.count)"])
    var drops = LeftClaims(left, in: self)
    defer { drops.putBackRest() }
    return try await store(&drops, until: isStopping)
  }
}
