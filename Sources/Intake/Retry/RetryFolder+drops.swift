internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Events
internal import Failures
internal import Logging
internal import Time

/// The files of one inbox that are due, oldest first.
struct DueFiles: DropSource {
  private let retry: RetryFolder
  private let inbox: InboxOptions
  private var files: ArraySlice<DueFile>
  private var room: Room

  /// - Throws: `StorageError`.
  init(_ files: ArraySlice<DueFile>, of inbox: InboxOptions, in retry: RetryFolder) throws(StorageError) {
    self.retry = retry
    self.inbox = inbox
    self.files = files
    room = try retry.store.folders.room()
  }

  mutating func claimNext() async throws(StorageError) -> [ClaimedDrop]? {
    guard let file = files.popFirst() else { return nil }
    // What the webhook could not receive is not a drop: it returns to its old place.
    if file.history?.reason == .unreachable, try await retry.store.takeBackUndelivered(file.name) { return [] }
    guard retry.source.hasRoom(for: file.name, file.status, in: &room) else { return [] }
    return try retry.claim(file).map { [$0] } ?? []
  }

  func settle(_ settled: [Settled]) async throws(StorageError) { try await retry.settle(settled, of: inbox) }
}

/// Claimed files, and what happens to them.
extension RetryFolder {
  /// Claims a file; nil if it is gone, or cannot be moved, which is reported.
  fileprivate func claim(_ file: DueFile) throws(StorageError) -> ClaimedDrop? {
    do {
      guard let claim = try source.claim(file.name) else { return nil }
      return ClaimedDrop(
        folder: claim.folder, claimedAs: claim.name, name: file.name,
        original: file.droppedAs ?? DropName(bytes: file.name.bytes),
        status: file.status, isKnownClosed: false, quietSince: file.quietSince, history: file.history)
    } catch {
      guard !retry.folder.isConcerned(by: error) else { throw .files(error) }
      source.leaveAlone(file.name, error)
      return nil
    }
  }

  fileprivate func settle(_ settled: [Settled], of inbox: InboxOptions) async throws(StorageError) {
    var finished: [FileName] = []
    for settled in settled {
      let drop = settled.drop
      switch settled.end {
      case .removed, .setAside:
        source.claims.forget(drop.claim)
        source.leftAlone.remove(drop.name)
        held[drop.name] = nil
        // A file that failed again has a new sidecar under its name; the others need none any more.
        if case .setAside(.retry) = settled.end { continue }
        finished.append(drop.name)
      case .unsettled(.vanished):
        source.claims.forget(drop.claim)
        logger.error(
          "a file has vanished while it was tried again; somebody else must have removed it",
          metadata: ["file": "\(drop.name)", "folder": "\(drop.folder.path)"])
      case .unsettled(.perhapsWritten): hold(drop, inbox, forQuiet: InboxOptions.quietTime)
      case .unsettled(.perhapsMoved): hold(drop, inbox, forQuiet: InboxOptions.moveTime)
      case .unsettled(.open), .unsettled(.heldElsewhere): hold(drop, inbox)
      case .unsettled(.replaced), .unfinished, .changed: putBack(drop, inbox)
      case .hindered(let failure):
        hold(drop, inbox)
        source.leaveAlone(drop.name, failure)
      case .noRoom(let size):
        source.hasLeftForRoom = true
        if let (name, status) = hold(drop, inbox) {
          source.shortages.note(name, status, needs: size)
        }
      }
    }
    var firstError: StorageError?
    for name in finished {
      do throws(StorageError) {
        try await store.forgetFailure(in: retry, name)
      } catch {
        firstError = firstError ?? error
      }
    }
    if let firstError { throw firstError }
  }

  /// - Returns: Its present name; nil if it is gone, or still claimed.
  @discardableResult
  private func putBack(_ drop: ClaimedDrop, _ inbox: InboxOptions) -> FileName? {
    guard let name = source.putBack(drop.name, drop.claim) else { return nil }
    // Whatever has its name by now has its own report.
    try? retry.note(
      drop.original, of: name, insteadOf: drop.name, inbox: inbox.name, history: drop.history, at: clock.now())
    return name
  }

  /// Puts back a file that is not to be tried now, and remembers what it was.
  ///
  /// - Returns: Where it is; nil if it is another file by now.
  @discardableResult
  private func hold(
    _ drop: ClaimedDrop, _ inbox: InboxOptions, forQuiet quietTime: Duration = .zero
  ) -> (FileName, FileStatus)? {
    guard let name = putBack(drop, inbox), let status = source.carry(drop, putBackAs: name) else { return nil }
    if held.count < 10_000 {
      held[name] = Held(status: status, inbox: inbox.name, history: drop.history, quietTime: quietTime)
    }
    return (name, status)
  }
}
