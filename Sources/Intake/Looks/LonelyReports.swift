internal import DurableFiles

/// Reports that tell under which name a file was dropped, and lie there without it: it may be on its way.
struct LonelyReports {
  /// How long they wait.
  let patience: Duration
  /// By the file: what the report was, and since when it has lain there, by the clock that nobody sets.
  private var known: [FileName: (status: Int, since: Duration)] = [:]

  init(patience: Duration) {
    self.patience = patience
  }

  var isEmpty: Bool { known.isEmpty }
  var files: some Collection<FileName> { known.keys }

  func contains(_ file: FileName) -> Bool { known[file] != nil }

  /// Asks whether the report of a file is to wait on.
  ///
  /// - Parameters:
  ///   - file: The file.
  ///   - status: What stands for the report, where that is looked at.
  ///   - uptime: What time it is.
  /// - Returns: Whether it is; nil where it is none of these.
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
