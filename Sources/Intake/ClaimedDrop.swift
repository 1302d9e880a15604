internal import DurableFiles
internal import EventStore
internal import Events

/// A file that was claimed and is being read, or waits for its events to be stored.
struct ClaimedDrop: Sendable {
  var folder: Folder
  var name: FileName
  /// The name by which it was dropped.
  var original: DropName
  /// As it was when it was read.
  var status: FileStatus
  /// Whether the kernel said that nobody has it open for writing.
  ///
  /// Where it could not say, a change is looked for at the end.
  var isKnownClosed: Bool
  /// What it failed of before, where it comes back from `retry/`.
  var history: FailureHistory?
  /// How to name the file of one of its events.
  func partName(_ index: Int) -> FileName? { name.appending(".\(index).json") }
}

extension ClaimedDrop {
  /// Removes it, unless it has changed since it was read.
  ///
  /// - Throws: `FileFailure`.
  func remove() throws(FileFailure) -> DropEnd {
    if !isKnownClosed, let now = try folder.status(of: name), !now.hasSameContent(as: status) { return .changed }
    try folder.remove(name)
    return .removed
  }
}

/// How it ended with a claimed file.
enum DropEnd: Sendable {
  case removed
  /// It lies there now; nil where it was gone.
  case setAside(FailedPlace?)
  /// Its events are stored, but it has changed since it was read: what is in it now is another drop, and still claimed.
  case changed
}

/// What a claimed file holds.
enum DropContent {
  /// All of it.
  case items([DroppedItem], of: [UInt8])
  /// It cannot be read as events.
  case failed(DropFailure)
  /// Somebody is still writing to it, or has replaced it: it is no drop yet.
  case unsettled
  /// It holds several, and perhaps more than is kept in memory.
  case several(any SeveralReader)
}
