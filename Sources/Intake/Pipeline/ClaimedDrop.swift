internal import DurableFiles
internal import EventStore
internal import Events

/// A file that was claimed and is being read, or waits for its events to be stored.
struct ClaimedDrop: Sendable {
  /// Where it is now, and under which name.
  var folder: Folder
  var claimedAs: FileName
  /// The name that it had in the folder that it was taken from.
  var name: FileName
  /// The name by which it was dropped.
  var original: DropName
  /// As it was when it was read.
  var status: FileStatus
  /// Whether the kernel said that nobody has it open for writing.
  ///
  /// Where it could not say, a change is looked for at the end.
  var isKnownClosed: Bool
  /// Since when nothing about it has changed, by the clock that nobody sets.
  var quietSince: Duration
  /// Whether that was so for long enough to take it that nobody writes to it, where the kernel cannot tell.
  var isQuiet = false
  /// What it failed of before, where it comes back from `retry/`.
  var history: FailureHistory?

  /// Where it is now.
  var claim: ClaimFolder.Claim { ClaimFolder.Claim(folder: folder, name: claimedAs) }

  /// How to name the file of one of its events.
  func partName(_ index: Int) -> FileName? { name.appending(".\(index).json") }
}

extension ClaimedDrop {
  /// Removes it, unless it has changed since it was read.
  ///
  /// - Throws: `FileFailure`.
  func remove() throws(FileFailure) -> DropEnd {
    if !isKnownClosed {
      // Opened again: a network file system then looks at its server again.
      let now = try folder.open(claimedAs)?.status()
      if let now, !now.hasSameContent(as: status, hasFixedInodes: folder.isOfThisMachineAlone) { return .changed }
    }
    try folder.remove(claimedAs)
    return .removed
  }
}

/// What a claimed file holds.
enum DropContent {
  /// One event, all of it in memory.
  case event(DroppedItem, of: [UInt8])
  /// It cannot be read as events.
  case failed(DropFailure)
  /// It is no drop yet.
  case unsettled(Unsettled)
  /// It holds several, of which only some are in memory at a time.
  case several(any SeveralReader)
  /// It is told to stop.
  case stopped
}
