internal import DurableFiles
internal import Schedules
internal import Threads

/// Removes files of which all is stored.
///
/// In most places that takes some microseconds a file. Where each removal waits for something (a disk that is told at once
/// which blocks are free, a server), several threads wait at the same time.
struct DropRemoval {
  let clock: any WallClock
  /// So many are removed one after the other, to see how long that takes.
  private static let sample = 16
  /// More than this, and it is not the processor that takes the time.
  private static let slow = Duration.microseconds(75)
  private static let threads = 8

  /// Removes as many of them as can be.
  ///
  /// - Throws: `FileFailure` of the first that cannot be; those are still claimed.
  func remove(_ drops: [OpenDrop]) throws(FileFailure) {
    var slowOnes = 0
    var ends: [Result<DropEnd, FileFailure>] = []
    ends.reserveCapacity(drops.count)
    for drop in drops.prefix(Self.sample) {
      let start = clock.uptime()
      ends.append(drop.drop.attemptRemoval())
      if clock.uptime() - start > Self.slow { slowOnes += 1 }
    }
    let rest = drops.dropFirst(Self.sample)
    if slowOnes > Self.sample / 2 {
      ends += removeAtOnce(rest.map(\.drop))
    } else {
      for drop in rest { ends.append(drop.drop.attemptRemoval()) }
    }
    var failure: FileFailure?
    for (drop, end) in zip(drops, ends) {
      switch end {
      case .success(let end): drop.end(end)
      case .failure(let error): failure = failure ?? error
      }
    }
    if let failure { throw failure }
  }

  private func removeAtOnce(_ drops: [ClaimedDrop]) -> [Result<DropEnd, FileFailure>] {
    let size = max((drops.count + Self.threads - 1) / Self.threads, 1)
    let parts = drops.portions(of: size).map { part in
      Background(named: "remove") { part.map { $0.attemptRemoval() } }
    }
    return parts.flatMap { $0.take() ?? [] }
  }
}

extension ClaimedDrop {
  fileprivate func attemptRemoval() -> Result<DropEnd, FileFailure> {
    Result { () throws(FileFailure) in try remove() }
  }
}
