internal import DurableFiles
internal import EventStore
internal import Logging
internal import Schedules
internal import SystemPackage

/// Files that cannot be opened or moved, and hold up no others: each is told of once, and tried again once it has changed,
/// and now and then, for what is in the way may lie in a folder above it.
struct FilesLeftAlone {
  private var files: [FileName: (status: FileStatus, triedAt: Duration)] = [:]
  /// Beyond this, files are tried each time.
  private static let limit = 10_000
  private static let pause = Duration.seconds(60)

  var isEmpty: Bool { files.isEmpty }

  /// Whether this one could not be opened or moved the last time, and that was not long ago.
  mutating func contain(_ name: FileName, _ status: FileStatus, at uptime: Duration) -> Bool {
    guard let known = files[name] else { return false }
    if known.status == status { return uptime - known.triedAt < Self.pause }
    files[name] = nil
    return false
  }

  /// Leaves a file alone from now on.
  ///
  /// - Returns: Whether it was not before, and is to be told of.
  mutating func insert(_ name: FileName, _ status: FileStatus?, at uptime: Duration) -> Bool {
    let isNew = files[name] == nil
    if let status, files.count < Self.limit || !isNew { files[name] = (status, uptime) }
    return isNew
  }

  func holds(_ name: FileName) -> Bool { files[name] != nil }

  mutating func remove(_ name: FileName) {
    if !files.isEmpty { files[name] = nil }
  }

  /// Forgets files that are not there any more.
  mutating func forgetAllBut(_ isThere: (FileName) -> Bool) {
    if !files.isEmpty { files = files.filter { isThere($0.key) } }
  }
}

extension FileFailure {
  /// Whether it is about one file and no other: nobody gave us the right to read it, or to take it out of a folder with the
  /// sticky bit.
  var isOfOneFile: Bool {
    switch errno {
    case .notPermitted: operation == "open" || operation == "move"
    case .permissionDenied: operation == "open"
    default: false
    }
  }
}
