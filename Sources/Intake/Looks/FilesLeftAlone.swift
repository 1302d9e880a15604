internal import DurableFiles
internal import Time

/// Files that cannot be opened or moved, and must not delay others: each is reported once, and tried again once it has
/// changed, and after growing pauses, because the obstacle may be a folder above it.
///
/// Very many are remembered, so each is kept only as its hash.
struct FilesLeftAlone {
  private struct Trial {
    var status: Int
    var failures: UInt16
    /// By the monotonic clock.
    var nextAt: Duration
    var look: UInt32
  }

  private var trials: [FileKey: Trial] = [:]
  private var look: UInt32 = 0
  private let backoff = Backoff(first: .seconds(1), maximum: .seconds(300))
  /// Beyond this, files are tried each time; some 20 MB.
  private static let limit = 250_000

  var isEmpty: Bool { trials.isEmpty }

  /// Whether this one could not be opened or moved the last time, and its pause is not over.
  mutating func contain(_ name: FileName, _ status: FileStatus, at uptime: Duration) -> Bool {
    guard !trials.isEmpty else { return false }
    let key = FileKey(name)
    guard var trial = trials[key] else { return false }
    guard trial.status == status.hashValue else {
      trials[key] = nil
      return false
    }
    trial.look = look
    trials[key] = trial
    return uptime < trial.nextAt
  }

  /// Leaves a file alone for a while.
  ///
  /// - Returns: Whether it was not left alone before, and has to be reported.
  mutating func insert(_ name: FileName, _ status: FileStatus?, at uptime: Duration) -> Bool {
    let key = FileKey(name)
    let known = trials[key]
    let failures = (known?.failures ?? 0) &+ (known?.failures == .max ? 0 : 1)
    if known != nil || trials.count < Self.limit {
      trials[key] = Trial(
        status: status?.hashValue ?? known?.status ?? 0, failures: failures,
        nextAt: uptime + backoff.ceiling(afterFailures: Int(failures)), look: look)
    }
    return known == nil
  }

  func holds(_ name: FileName) -> Bool { !trials.isEmpty && trials[FileKey(name)] != nil }

  mutating func remove(_ name: FileName) {
    if !trials.isEmpty { trials[FileKey(name)] = nil }
  }

  /// To be called before the files of a look are checked.
  mutating func beginLook() { look &+= 1 }

  /// Forgets the files that the look has not found.
  mutating func endLook() {
    if !trials.isEmpty { trials = trials.filter { $0.value.look == look } }
  }
}

/// Stands for a name, to remember very many: two names practically never share one, and if they do, one waits longer.
struct FileKey: Hashable {
  private let hash: Int

  init(_ name: FileName) { hash = name.hashValue }
}
