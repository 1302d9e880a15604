internal import Concurrency
internal import DurableFiles
internal import EventStore
internal import Time

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
  /// - Returns: Those that cannot be, and why; they are still claimed.
  func remove(_ drops: [OpenDrop]) -> [(drop: OpenDrop, failure: FileFailure)] {
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
    var hindered: [(drop: OpenDrop, failure: FileFailure)] = []
    for (drop, end) in zip(drops, ends) {
      switch end {
      case .success(.removed): drop.end = drop.restPlace.map { .setAside($0) } ?? .removed
      case .success(let end): drop.end = end
      case .failure(let failure): hindered.append((drop, failure))
      }
    }
    return hindered
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
