internal import Events

/// A file some of whose events may not be stored yet.
final class OpenDrop {
  typealias Part = (index: Int, bytes: [UInt8], failure: DropFailure)

  let drop: ClaimedDrop
  var isFullyRead = false
  /// Whether it was removed, or set aside.
  private(set) var isDone = false
  /// How many of its events wait in the portion.
  var waiting = 0
  /// Why the file as a whole, or the one event in it, failed.
  var failure: DropFailure?
  /// Its events that failed, each to become a file of its own.
  var parts: [Part] = []
  var partBytes = 0

  private let finish: (ClaimedDrop, DropEnd) -> Void

  /// - Parameters:
  ///   - drop: The file.
  ///   - finish: Told how it ended with it.
  init(_ drop: ClaimedDrop, finish: @escaping (ClaimedDrop, DropEnd) -> Void) {
    self.drop = drop
    self.finish = finish
  }

  /// Says how it ended with it.
  func end(_ end: DropEnd) {
    isDone = true
    finish(drop, end)
  }
}
