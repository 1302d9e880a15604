package import DurableFiles
package import Schedules

/// A look at an inbox: the oldest files that are ready, and what else lies there.
package struct InboxScan {
  package typealias Entry = OldestFiles.Entry

  /// The oldest files that are ready, oldest first, bounded.
  package private(set) var ready: OldestFiles
  /// Whether there is more than was taken up here.
  package var hasMore: Bool { ready.hasLeftOut || odd.count == Self.oddLimit }
  /// What must not be opened: links, pipes, devices, files with several names; bounded.
  private(set) var odd: [Entry] = []
  /// Sidecars of failed files that were moved in with their files.
  private(set) var sidecars: [FileName] = []
  /// How many files still have to settle.
  private(set) var unsettled = 0

  /// How much memory the files that are ready may take: 200,000 with names of 20 bytes.
  ///
  /// Each look goes through the whole folder, which takes seconds where millions lie in it, so there should be few of them.
  package static let readyBytes = 16 << 20
  /// Those beyond have their turn once these are out of the way.
  static let oddLimit = 10_000
}

/// Decides which files are ready, across looks.
package struct Readiness {
  let settle: Duration
  private var seen: [FileName: Observation] = [:]

  private struct Observation {
    var status: FileStatus
    var since: Duration
  }

  package init(settle: Duration) {
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
  ///   - readyBytes: How much memory the files that are ready may take.
  /// - Throws: `FileFailure` where the inbox cannot be read.
  package init(
    of folder: Folder, patterns: NamePatterns, marker: String?, readiness: inout Readiness, clock: any WallClock,
    readyBytes: Int = Self.readyBytes
  ) throws(FileFailure) {
    ready = OldestFiles(byteLimit: readyBytes)
    let now = clock.now()
    let uptime = clock.uptime()
    try folder.forEachEntry { name, kind throws(FileFailure) in
      if kind == .folder { return }
      if name.isFailureSidecar { sidecars.append(name) }
      guard patterns.match(name) else { return }
      if let marker {
        guard !name.hasSuffix(marker), let wanted = name.appending(marker) else { return }
        guard try folder.status(of: wanted) != nil else { return }
      }
      guard let status = try folder.status(of: name), status.kind != .folder else { return }
      // A marker says that the file is complete: nothing more is to be waited for.
      guard marker != nil || readiness.isSettled(name, status, now: now, uptime: uptime) else {
        unsettled += 1
        return
      }
      let entry = Entry(name: name, status: status)
      if status.isPlain { ready.insert(entry) } else if odd.count < Self.oddLimit { odd.append(entry) }
    }
    ready.trim()
    if readiness.isWatching {
      for entry in ready { readiness.forget(entry.name) }
      for entry in odd { readiness.forget(entry.name) }
      readiness.forgetAllBut(folder.mayHold)
    }
  }
}

extension Folder {
  /// Whether there is such a file, or the system does not tell.
  func mayHold(_ name: FileName) -> Bool { (try? status(of: name)) != .some(nil) }
}

extension FileName {
  fileprivate var isFailureSidecar: Bool { hasSuffix(".error") }
}
