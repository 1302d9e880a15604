internal import DurableFiles
internal import EventStore

/// What has become of a claimed file: all that a pipeline says of it.
struct Settled: Sendable {
  var drop: ClaimedDrop
  var end: DropEnd

  init(_ drop: ClaimedDrop, _ end: DropEnd) {
    self.drop = drop
    self.end = end
  }
}

/// How it ended with a claimed file.
enum DropEnd: Sendable {
  case removed
  /// It lies there now; nil where it was gone.
  case setAside(FailedPlace?)
  /// It was not come to, or not to its end; still claimed.
  case unfinished
  /// It is no drop yet; still claimed, if it is there.
  case unsettled(Unsettled)
  /// Its events are stored, but it has changed since it was read: what is in it now is another drop, and still claimed.
  case changed
  /// It cannot be read, moved or removed; still claimed.
  case hindered(FileFailure)
  /// There is no room for something of it that needs so many bytes; still claimed.
  case noRoom(for: Int)

  /// What an error means for the file that it befell.
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

/// Why a claimed file is no drop yet.
enum Unsettled: Sendable {
  /// A process of this machine has it open for writing.
  case open
  /// Nobody can tell whether it is still written, and it has not been left alone for long enough.
  case perhapsWritten
  /// It holds a record that lies in its partition as well, and may be on its way from there.
  case perhapsMoved
  /// It is not the file that was looked at.
  case replaced
  /// It is not where it was put when it was claimed.
  case vanished
  /// Another machine has one of its events in hand.
  case heldElsewhere
}
