internal import Concurrency
internal import DurableFiles
internal import Time

/// Completely stored files while they are removed.
///
/// If there are many, another thread removes them, while the next ones are claimed and read.
struct LeavingDrops {
  let drops: [OpenDrop]
  /// When the store received the last of their events.
  let started: Duration
  private let ends: Ends
  /// Fewer are removed faster than another thread could start.
  private static let many = 32

  private enum Ends {
    case known([Result<DropEnd, FileFailure>])
    case underway(Background<[Result<DropEnd, FileFailure>]>)
  }

  /// Begins to remove them.
  init(_ drops: [OpenDrop], started: Duration, by clock: any WallClock) {
    self.drops = drops
    self.started = started
    let claimed = drops.map(\.drop)
    let removal = DropRemoval(clock: clock)
    ends =
      drops.count < Self.many
      ? .known(removal.remove(claimed)) : .underway(Background(named: "remove") { removal.remove(claimed) })
  }

  /// Whether all that can be removed are.
  var areGone: Bool { if case .known = ends { true } else { false } }

  /// Waits until all that can be removed are.
  ///
  /// - Returns: The outcome of each.
  func wait() -> [Result<DropEnd, FileFailure>] {
    switch ends {
    case .known(let ends): ends
    case .underway(let background): background.take() ?? []
    }
  }
}

/// Removes claimed files.
///
/// In most places that takes some microseconds per file. If each removal waits for something (a disk that
/// discards the blocks of each file at once, a server), several threads wait at the same time.
struct DropRemoval {
  let clock: any WallClock
  /// At most this many are removed one by one, to see how long that takes.
  private static let sample = 16
  /// Above this, the time is not spent by the processor.
  private static let slow = Duration.microseconds(75)
  private static let threads = 8

  /// Removes as many of them as possible.
  ///
  /// - Returns: The outcome of each; those that cannot be removed are still claimed.
  func remove(_ drops: [ClaimedDrop]) -> [Result<DropEnd, FileFailure>] {
    var slowOnes = 0
    var ends: [Result<DropEnd, FileFailure>] = []
    ends.reserveCapacity(drops.count)
    for drop in drops.prefix(Self.sample) {
      let start = clock.uptime()
      ends.append(drop.attemptRemoval())
      if clock.uptime() - start > Self.slow { slowOnes += 1 }
    }
    let rest = drops.dropFirst(Self.sample)
    if slowOnes > Self.sample / 2 {
      ends += removeAtOnce(Array(rest))
    } else {
      for drop in rest { ends.append(drop.attemptRemoval()) }
    }
    return ends
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
