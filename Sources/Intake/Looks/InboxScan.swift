internal import Catalog
package import DurableFiles
internal import SystemPackage
package import Time

/// A look at an inbox: the oldest files that are ready, and what else is there, with the reasons.
package struct InboxScan {
  package typealias Entry = OldestFiles.Entry

  /// The rules of the look.
  package struct Rules {
    var patterns: NamePatterns
    /// The ending of marker files, if the inbox has them.
    var marker: String?
    /// The path from the inbox to the folder, for people.
    var path = ""
    /// How much memory the files that are ready may take.
    var readyBytes = InboxScan.readyBytes
    /// Whether another object looks into a folder inside.
    var hasOwnLook: (FileName) -> Bool = { _ in false }
    /// How long a file must have been quiet, by its name.
    var quietTime: (FileName) -> Duration

    package init(
      patterns: NamePatterns, marker: String?, readyBytes: Int = InboxScan.readyBytes,
      quietTime: @escaping (FileName) -> Duration
    ) {
      self.patterns = patterns
      self.marker = marker
      self.readyBytes = readyBytes
      self.quietTime = quietTime
    }
  }

  /// The oldest files that are ready, oldest first, bounded.
  package private(set) var ready: OldestFiles
  /// Whether there is more than was found here.
  package var hasMore: Bool { ready.hasLeftOut || odd.count == Self.oddLimit }
  /// What must not be opened: links, pipes, devices, files with several names; bounded.
  private(set) var odd: [Entry] = []
  /// What may be sidecars of failed files, moved in with their files; bounded.
  private(set) var sidecars: [Entry] = []
  /// Files that an earlier run claimed in place because there was no other place for them.
  private(set) var takenInPlace: [FileName] = []
  /// The markers whose names are not just the file's plus the ending, by file.
  var otherMarkers: [FileName: FileName] { markers.other }
  /// How many files still have to settle.
  private(set) var unsettled = 0
  /// When the first of them will have settled if it is left alone, by the monotonic clock; nil if none.
  private(set) var settlesAt: Duration?
  /// What is not taken.
  var waiting = WaitingFiles()
  /// The first files whose status is not available, and why.
  private(set) var hindered: [(name: FileName, failure: FileFailure)] = []
  private var markers = MarkerMatching()
  /// Whether it was stopped early.
  private(set) var isCutShort = false
  private let now: Timestamp
  private var looked = 0
  private var statusAsked = 0

  /// How much memory the files that are ready may take: 200,000 with names of 20 bytes.
  ///
  /// Each look reads the whole folder, which takes seconds if it holds millions, so looks should be few.
  package static let readyBytes = 16 << 20
  /// The others have their turn once these are out of the way.
  static let oddLimit = 10_000
  /// The modification time is read for this many of the files that are not ours; the others are counted.
  private static let statusLimit = 10_000
  /// How long a file must have had several names: some servers deliver by adding a link and removing the first name.
  static let oddQuietTime = Duration.seconds(3)
}

extension InboxScan {
  /// Looks at all entries of an inbox.
  ///
  /// - Parameters:
  ///   - folder: The inbox.
  ///   - rules: The rules of the look.
  ///   - readiness: Which files have settled.
  ///   - leftAlone: Which files are not to be tried now.
  ///   - clock: The clock.
  ///   - isStopping: Called now and then; what was found until then is useless.
  /// - Throws: `FileFailure` if the inbox cannot be read.
  init(
    of folder: Folder, by rules: Rules, readiness: inout Readiness, leftAlone: inout FilesLeftAlone,
    clock: any WallClock, until isStopping: () -> Bool
  ) throws(FileFailure) {
    ready = OldestFiles(byteLimit: rules.readyBytes)
    now = clock.now()
    let uptime = clock.uptime()
    readiness.beginLook(at: folder, now: now, uptime: uptime)
    leftAlone.beginLook()
    try folder.forEachEntry { name, kind throws(FileFailure) in
      looked += 1
      if looked.isMultiple(of: 1000), isStopping() { isCutShort = true }
      guard !isCutShort else { return }
      try take(name, kind, in: folder, by: rules, &readiness, &leftAlone, uptime)
    }
    guard !isCutShort else { return }
    try findOtherMarkers(in: folder, rules, &readiness, &leftAlone, uptime)
    ready.trim()
    readiness.endLook()
    leftAlone.endLook()
  }

  /// The same, for a single look.
  package init(
    of folder: Folder, by rules: Rules, readiness: inout Readiness, clock: any WallClock
  ) throws(FileFailure) {
    var leftAlone = FilesLeftAlone()
    try self.init(
      of: folder, by: rules, readiness: &readiness, leftAlone: &leftAlone, clock: clock, until: { false })
  }

  private mutating func take(
    _ name: FileName, _ kind: FileStatus.Kind?, in folder: Folder, by rules: Rules, _ readiness: inout Readiness,
    _ leftAlone: inout FilesLeftAlone, _ uptime: Duration
  ) throws(FileFailure) {
    if name == UnnamedFile.spareFolder { return }
    if name.isOfOurClaims {
      if ClaimFolder.originalName(of: name) != nil { takenInPlace.append(name) }
      return
    }
    if kind == .folder {
      if !rules.hasOwnLook(name) { try pass(.subFolder, name, in: folder, rules) }
      return
    }
    if name.isSidecar, sidecars.count < Self.oddLimit,
      let status = try status(of: name, in: folder, &leftAlone, uptime),
      status.isPlain, status.size <= sidecarSizeLimit
    {
      sidecars.append(Entry(name: name, status: status))
      // One that cannot be read is remembered.
      _ = leftAlone.contain(name, status, at: uptime)
      guard rules.patterns.match(name) else { return }
    }
    if let marker = rules.marker, name.hasSuffix(inAnyCase: marker) {
      // Only a file marks another as complete.
      let isFile =
        if let kind { kind == .regular } else {
          try status(of: name, in: folder, &leftAlone, uptime)?.kind == .regular
        }
      guard isFile else { return try pass(.noPattern, name, in: folder, rules) }
      markers.add(name)
      return
    }
    guard rules.patterns.match(name) else { return try pass(.noPattern, name, in: folder, rules) }
    guard let status = try status(of: name, in: folder, &leftAlone, uptime) else { return }
    guard status.kind != .folder else {
      if !rules.hasOwnLook(name) { count(.subFolder, Entry(name: name, status: status), rules) }
      return
    }
    let entry = Entry(name: name, status: status)
    if let marker = rules.marker {
      guard let wanted = name.appending(marker) else { return count(.noMarker, entry, rules) }
      guard try self.status(of: wanted, in: folder, &leftAlone, uptime)?.kind == .regular else {
        // Perhaps in another case.
        if !markers.add(entry) { count(.noMarker, entry, rules) }
        return
      }
    }
    decide(entry, rules, &readiness, &leftAlone, uptime)
  }

  /// Whether a file is ready, once its marker is there.
  private mutating func decide(
    _ entry: Entry, _ rules: Rules, _ readiness: inout Readiness, _ leftAlone: inout FilesLeftAlone,
    _ uptime: Duration
  ) {
    let (name, status) = (entry.name, entry.status)
    guard !leftAlone.contain(name, status, at: uptime) else { return count(.unreadable, entry, rules) }
    // A marker says that the file is complete: there is nothing to wait for, except what a sender may be in the middle
    // of.
    let isSeveral = status.kind == .regular && status.links > 1
    let wanted = isSeveral ? Self.oddQuietTime : rules.marker == nil ? rules.quietTime(name) : .zero
    let quiet = readiness.quiet(name, status, enough: wanted)
    guard quiet >= wanted else {
      unsettled += 1
      let settled = uptime + (wanted - quiet)
      settlesAt = min(settlesAt ?? settled, settled)
      return count(.settling, entry, rules)
    }
    if status.isPlain { ready.insert(entry) } else if odd.count < Self.oddLimit { odd.append(entry) }
  }

  /// The status of a file; nil if it is gone, or unavailable, which is recorded.
  private mutating func status(
    of name: FileName, in folder: Folder, _ leftAlone: inout FilesLeftAlone, _ uptime: Duration
  ) throws(FileFailure) -> FileStatus? {
    do {
      return try folder.status(of: name)
    } catch {
      guard !error.isOfTheMachine, (try? folder.status()) != nil else { throw error }
      waiting.add(.unreadable, modified: now, name: name.description)
      if leftAlone.insert(name, nil, at: uptime), hindered.count < 1000 { hindered.append((name, error)) }
      return nil
    }
  }

  /// Counts what is not ours.
  private mutating func pass(
    _ reason: WaitingFiles.Reason, _ name: FileName, in folder: Folder, _ rules: Rules
  ) throws(FileFailure) {
    statusAsked += 1
    guard statusAsked <= Self.statusLimit else { return waiting.add(reason, count: 1) }
    guard let status = (try? folder.status(of: name)) ?? nil else { return }
    count(reason, Entry(name: name, status: status), rules)
  }

  private mutating func count(_ reason: WaitingFiles.Reason, _ entry: Entry, _ rules: Rules) {
    waiting.add(reason, modified: entry.modified, name: rules.path + entry.name.description)
  }

  /// Finds the markers whose case differs from that of their files.
  private mutating func findOtherMarkers(
    in folder: Folder, _ rules: Rules, _ readiness: inout Readiness, _ leftAlone: inout FilesLeftAlone,
    _ uptime: Duration
  ) throws(FileFailure) {
    guard let marker = rules.marker else { return }
    let without = markers.match(ending: marker, in: folder)
    for entry in without {
      if markers.other[entry.name] == nil {
        count(.noMarker, entry, rules)
      } else {
        decide(entry, rules, &readiness, &leftAlone, uptime)
      }
    }
    for name in markers.takeUseless(ending: marker, in: folder) { try pass(.noPattern, name, in: folder, rules) }
  }
}

extension InboxScan.Entry {
  /// When it was last modified.
  var modified: Timestamp { status.modifiedAt }
}

extension FileStatus {
  /// When the content was last modified, within the range that can be written.
  var modifiedAt: Timestamp {
    min(max(Timestamp(nanoseconds: modified), Timestamp.writable.lowerBound), Timestamp.writable.upperBound)
  }
}

extension FileName {
  /// Whether it is a folder of claims, or a file claimed in place for lack of room.
  var isOfOurClaims: Bool { hasPrefix(ClaimFolder.localPrefix) }
}
