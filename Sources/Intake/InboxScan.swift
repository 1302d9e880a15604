internal import DurableFiles
internal import Schedules

/// A look at an inbox: the oldest files that are ready, and what else lies there.
struct InboxScan {
  /// A file that matches the patterns.
  struct Entry {
    var name: FileName
    var status: FileStatus
  }

  /// The oldest files that are ready, oldest first, bounded.
  var ready: [Entry] = []
  /// Whether there are ready files beyond these.
  var hasMore = false
  /// What must not be opened: links, pipes, devices, files with several names.
  var odd: [Entry] = []
  /// Sidecars of failed files that were moved in with their files.
  var sidecars: [FileName] = []
  /// How many files still have to settle.
  var unsettled = 0
  /// How many files wait for their marker.
  var withoutMarker = 0

  /// How many files are kept in mind from one look, so that a folder of a million is not read anew for each portion.
  static let window = 50_000
}

/// Decides which files are ready, across looks.
struct Readiness {
  let settle: Duration
  private var seen: [FileName: Observation] = [:]

  private struct Observation {
    var status: FileStatus
    var since: Duration
  }

  init(settle: Duration) {
    self.settle = settle
  }

  /// Whether nothing about a file has changed for long enough.
  ///
  /// Every change sets ctime, and nobody but the kernel can: where that lies far enough back, the file need not be watched.
  /// Where it lies in the future (the clock was set back, or a server's differs), the file is watched by our own clock.
  mutating func isSettled(_ name: FileName, _ status: FileStatus, now: Timestamp, uptime: Duration) -> Bool {
    if settle == .zero { return true }
    let age = Duration.milliseconds(now.milliseconds - status.changed / 1_000_000)
    if age >= settle { return true }
    if age >= .zero { return false }
    if let observation = seen[name], observation.status == status { return uptime - observation.since >= settle }
    // Bounded: beyond this, files wait for their turn to be watched.
    if seen.count < 10_000 { seen[name] = Observation(status: status, since: uptime) }
    return false
  }

  mutating func forget(_ name: FileName) {
    seen[name] = nil
  }

  /// Forgets files that are not there any more.
  mutating func forgetAllBut(_ isThere: (FileName) -> Bool) {
    seen = seen.filter { isThere($0.key) }
  }

  var isWatching: Bool { !seen.isEmpty }
}

extension InboxScan {
  /// Looks at all entries of an inbox.
  ///
  /// - Parameters:
  ///   - folder: The inbox.
  ///   - patterns: Which names count.
  ///   - marker: The ending of marker files, where the inbox has them.
  ///   - readiness: Which files have settled.
  ///   - clock: What time it is.
  /// - Throws: `FileFailure` where the inbox cannot be read.
  init(
    of folder: Folder, patterns: NamePatterns, marker: String?, readiness: inout Readiness, clock: any WallClock
  ) throws(FileFailure) {
    let now = clock.now()
    let uptime = clock.uptime()
    var names: [FileName] = []
    var markers: Set<FileName> = []
    try folder.forEachEntry { name, kind throws(FileFailure) in
      if kind == .folder { return }
      if name.isFailureSidecar { sidecars.append(name) }
      if let marker, name.hasSuffix(marker) { markers.insert(name) }
      guard patterns.match(name) else { return }
      names.append(name)
      if names.count >= 65_536, marker == nil {
        try take(&names, in: folder, nil, markers, &readiness, now, uptime)
      }
    }
    try take(&names, in: folder, marker, markers, &readiness, now, uptime)
    trim(to: Self.window)
    if readiness.isWatching {
      let there = Set((ready + odd).map(\.name))
      readiness.forgetAllBut { name in !there.contains(name) && (try? folder.status(of: name)) != .some(nil) }
    }
  }

  private mutating func take(
    _ names: inout [FileName], in folder: Folder, _ marker: String?, _ markers: Set<FileName>,
    _ readiness: inout Readiness, _ now: Timestamp, _ uptime: Duration
  ) throws(FileFailure) {
    for name in names {
      if let marker {
        guard !name.hasSuffix(marker) else { continue }
        guard let wanted = name.appending(marker), markers.contains(wanted) else {
          withoutMarker += 1
          continue
        }
      }
      guard let status = try folder.status(of: name), status.kind != .folder else { continue }
      // A marker says that the file is complete: nothing more is to be waited for.
      guard marker != nil || readiness.isSettled(name, status, now: now, uptime: uptime) else {
        unsettled += 1
        continue
      }
      let entry = Entry(name: name, status: status)
      if status.isPlain { ready.append(entry) } else { odd.append(entry) }
      if ready.count >= 2 * Self.window { trim(to: Self.window) }
    }
    names.removeAll(keepingCapacity: true)
  }

  private mutating func trim(to count: Int) {
    ready.sort { ($0.status.modified, $0.name) < ($1.status.modified, $1.name) }
    guard ready.count > count else { return }
    ready.removeSubrange(count...)
    hasMore = true
  }
}

extension FileName {
  fileprivate var isFailureSidecar: Bool { hasSuffix(".error") }
}
