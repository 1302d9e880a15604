internal import DurableFiles

/// Reports that say under which name a file was dropped, but have lost it: it may be on its way.
struct LonelyReports {
  /// How long they are kept.
  let patience: Duration
  /// By file: a hash of the report's status, and since when it has been there, by the monotonic clock.
  private var known: [FileName: (status: Int, since: Duration)] = [:]

  init(patience: Duration) {
    self.patience = patience
  }

  var isEmpty: Bool { known.isEmpty }
  var files: some Collection<FileName> { known.keys }

  func contains(_ file: FileName) -> Bool { known[file] != nil }

  /// Checks whether the report of a file is to be kept.
  ///
  /// - Parameters:
  ///   - file: The file.
  ///   - status: A hash of the report's status, if that matters.
  ///   - uptime: The current time.
  /// - Returns: Whether it is; nil if it is not one of these.
  func isWaiting(_ file: FileName, _ status: Int = 0, at uptime: Duration) -> Bool? {
    guard let report = known[file], report.status == status else { return nil }
    return uptime - report.since < patience
  }

  mutating func add(_ file: FileName, _ status: Int = 0, since: Duration) { known[file] = (status, since) }

  mutating func remove(_ file: FileName) { known[file] = nil }

  /// Forgets those of other files.
  mutating func keep(_ isThere: (FileName) -> Bool) {
    if !known.isEmpty { known = known.filter { isThere($0.key) } }
  }
}
