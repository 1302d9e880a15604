internal import DurableFiles
internal import Events
internal import Failures

/// A claimed file that is being read, or whose events are not stored yet.
struct ClaimedDrop: Sendable {
  /// Its present folder and name.
  var folder: Folder
  var claimedAs: FileName
  /// Its name in the folder that it was taken from.
  var name: FileName
  /// The name under which it was dropped.
  var original: DropName
  /// Its status when it was read.
  var status: FileStatus
  /// Whether the kernel said that nobody has it open for writing.
  ///
  /// If it could not say, a change is looked for at the end.
  var isKnownClosed: Bool
  /// Since when nothing about it has changed, by the monotonic clock.
  var quietSince: Duration
  /// Whether that is long enough to assume that nobody writes to it, if the kernel cannot say.
  var isQuiet = false
  /// Its earlier failures, if it comes back from `retry/`.
  var history: FailureHistory?

  /// Where it is now.
  var claim: ClaimFolder.Claim { ClaimFolder.Claim(folder: folder, name: claimedAs) }

  /// The file name for one of its events.
  func partName(_ index: Int) -> FileName? { name.appending(".\(index).json") }
}

extension ClaimedDrop {
  /// Removes it, unless it has changed since it was read.
  ///
  /// - Throws: `FileFailure`.
  func remove() throws(FileFailure) -> DropEnd {
    if !isKnownClosed {
      // Opened again, because a network file system then asks its server again.
      let now = try folder.open(claimedAs)?.status()
      if let now, !now.hasSameContent(as: status, hasFixedInodes: folder.isOfThisMachineAlone) { return .changed }
    }
    try folder.remove(claimedAs)
    return .removed
  }
}

/// What a claimed file contains.
enum DropContent {
  /// One event, entirely in memory.
  case event(DroppedItem, of: [UInt8])
  /// It cannot be read as events.
  case failed(DropFailure)
  /// It is not a drop yet.
  case unsettled(Unsettled)
  /// Several, only some of which are in memory at a time.
  case several(any SeveralReader)
  /// Reading was stopped.
  case stopped
}
