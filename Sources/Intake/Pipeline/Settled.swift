internal import Catalog
internal import DurableFiles

/// The outcome of a claimed file: all that a pipeline returns about it.
struct Settled: Sendable {
  var drop: ClaimedDrop
  var end: DropEnd

  init(_ drop: ClaimedDrop, _ end: DropEnd) {
    self.drop = drop
    self.end = end
  }
}

/// How a claimed file ended.
enum DropEnd: Sendable {
  case removed
  /// It is there now; nil if it was gone.
  case setAside(FailedPlace?)
  /// It was not reached, or not completed; still claimed.
  case unfinished
  /// It is not a drop yet; still claimed, if it exists.
  case unsettled(Unsettled)
  /// Its events are stored, but it has changed since it was read: its content is now another drop, and still claimed.
  case changed
  /// It cannot be read, moved or removed; still claimed.
  case hindered(FileFailure)
  /// A part of it needs this many bytes, for which there is no room; still claimed.
  case noRoom(for: Int)

  /// What an error means for its file.
  init(_ failure: FileFailure) {
    self = failure.meansStillWritten ? .unsettled(.perhapsWritten) : .hindered(failure)
  }

  /// Whether nothing of it is claimed any more.
  var isEnd: Bool {
    switch self {
    case .removed, .setAside: true
    case .unfinished, .unsettled, .changed, .hindered, .noRoom: false
    }
  }
}

/// Why a claimed file is not a drop yet.
enum Unsettled: Sendable {
  /// A process on this machine has it open for writing.
  case open
  /// It is unknown whether it is still being written, and it has not been quiet for long enough.
  case perhapsWritten
  /// It contains a record that is in its partition as well, and may be on its way from there.
  case perhapsMoved
  /// It is not the file that was examined.
  case replaced
  /// It is not where it was put when it was claimed.
  case vanished
  /// Another machine is handling one of its events.
  case heldElsewhere
}
