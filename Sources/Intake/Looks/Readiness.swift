package import DurableFiles
package import Time

/// Knows how long nothing about a file has changed, across looks.
///
/// What counts is what our own clock saw between two of our own looks. An age counts only if both of its times come
/// from one clock: on this machine's own file system, whose time is ours at this look, and if nobody has set the clock
/// since.
package struct Readiness {
  let settle: Duration
  private struct Observation {
    var status: Int
    /// By the monotonic clock.
    var since: Duration
    var look: UInt32
  }

  private var seen: [FileKey: Observation] = [:]
  private var look: UInt32 = 0
  private var now = Timestamp(milliseconds: 0)
  private var uptime = Duration.zero
  private var folder: Folder?
  /// Whether only this kernel can change the files, so that it knows who writes to them.
  private(set) var isOfThisMachineAlone = true
  /// Whether ages count at this look; nil until first asked.
  private var hasOneClock: Bool?
  /// How far the wall clock is ahead of the monotonic one.
  private var clockOffset: Duration?
  /// When the wall clock was last set, by the monotonic one.
  private var clockWasSetAt: Duration?
  /// Bounded: beyond this, files wait for their turn to be watched; some 20 MB.
  private static let limit = 250_000
  /// How much a file system's clock may lag: it ticks with the kernel's timer.
  private static let clockTolerance = Duration.seconds(1)

  package init(settle: Duration) {
    self.settle = settle
  }

  /// To be called before the files of a look are checked.
  package mutating func beginLook(at folder: Folder, now: Timestamp, uptime: Duration) {
    look &+= 1
    self.folder = folder
    self.now = now
    self.uptime = uptime
    isOfThisMachineAlone = folder.isOfThisMachineAlone
    hasOneClock = nil
    let offset = .milliseconds(now.milliseconds) - uptime
    if let clockOffset, max(offset - clockOffset, clockOffset - offset) > Self.clockTolerance { clockWasSetAt = uptime }
    clockOffset = offset
  }

  /// Forgets the files that the look has not found.
  package mutating func endLook() {
    if !seen.isEmpty { seen = seen.filter { $0.value.look == look } }
  }

  /// How long nothing about a file has changed, at least; it is watched from now on.
  ///
  /// - Parameters:
  ///   - name: The file.
  ///   - status: Its status at this look.
  ///   - enough: What the caller needs; no more is determined.
  /// - Returns: The time; zero if nothing is known.
  package mutating func quiet(_ name: FileName, _ status: FileStatus, enough: Duration) -> Duration {
    guard enough > .zero else { return .zero }
    let key = FileKey(name)
    let observed = observation(of: status)
    if var known = seen[key], known.status == observed {
      known.look = look
      seen[key] = known
      return quiet(since: known.since, status, enough: enough)
    }
    if seen[key] != nil || seen.count < Self.limit {
      seen[key] = Observation(status: observed, since: uptime, look: look)
    }
    return quiet(since: uptime, status, enough: enough)
  }

  /// The same for a file that is being claimed, of which nothing more is remembered: a folder can have hundreds of
  /// thousands of them.
  mutating func quietWhenClaimed(_ name: FileName, _ status: FileStatus, enough: Duration) -> Duration {
    let known = seen.isEmpty ? nil : seen[FileKey(name)]
    let since = known.flatMap { $0.status == observation(of: status) ? $0.since : nil }
    return quiet(since: since ?? uptime, status, enough: enough)
  }

  private mutating func quiet(since: Duration, _ status: FileStatus, enough: Duration) -> Duration {
    let quiet = uptime - since
    if quiet >= enough { return quiet }
    let age = now - Timestamp(nanoseconds: status.changed)
    guard age >= enough, isAgeKnown(enough) else { return quiet }
    return max(quiet, age)
  }

  /// Remembers how long a file has been quiet although it was moved out of its folder and back, which sets its ctime.
  mutating func carry(_ name: FileName, _ status: FileStatus, quietSince since: Duration) {
    let key = FileKey(name)
    guard seen[key] != nil || seen.count < Self.limit else { return }
    seen[key] = Observation(status: observation(of: status), since: since, look: look)
  }

  private func observation(of status: FileStatus) -> Int {
    var status = status
    // Not every network or user space file system has stable inode numbers.
    if !isOfThisMachineAlone { status.inode = 0 }
    return status.hashValue
  }

  private mutating func isAgeKnown(_ enough: Duration) -> Bool {
    guard isOfThisMachineAlone else { return false }
    if let clockWasSetAt, uptime - clockWasSetAt < enough { return false }
    if let hasOneClock { return hasOneClock }
    var isOne = false
    if let time = folder?.fileSystemTime() {
      let difference = now - Timestamp(nanoseconds: time)
      isOne = difference > .zero - Self.clockTolerance && difference < Self.clockTolerance
    }
    hasOneClock = isOne
    return isOne
  }
}
