internal import DurableFiles
internal import Events
internal import SystemPackage
internal import Time

/// The content of `retry/` and `failed/`, in list order: a query reads only the reports that it returns.
///
/// It is updated when a folder has changed, and the longer that takes, the less often. A report edited in place is
/// noticed at the next change of its folder.
final class FailureIndex {
  /// A file with its report, or the stand-in for one, as far as lists and sums need it.
  struct Entry {
    var cursor: EventCursor
    /// When the report changed, to recognise it; nil if there is no readable one.
    var reportChanged: Int64?
    var nextAttemptAt: Timestamp?
    /// Numbers that stand for texts.
    var reason: Int
    var inbox: Int
    var type: Int?
    /// Of its eventId.
    var idHash: Int?
  }

  /// One of the two folders.
  final class Side {
    let status: EventStatus
    let place: FailedPlace
    /// Newest first.
    fileprivate(set) var entries: [Entry] = []
    /// The folder as it was read; nil if it may have changed since without a trace.
    fileprivate var seen: FileStatus?
    /// Why it could not be read; nil if it could.
    fileprivate(set) var failure: FileFailure?

    init(_ status: EventStatus, _ place: FailedPlace) {
      self.status = status
      self.place = place
    }

    func name(of entry: Entry) -> FileName? {
      FileName(bytes: entry.cursor.name.dropFirst(status.rawValue.utf8.count + 1))
    }
  }

  private let layout: StoreLayout
  private let files: any FileOperations
  private let clock: any WallClock
  let sides = [Side(.retry, .retry), Side(.failed, .failed)]
  private var texts: [String] = []
  /// By their bytes: `String` equates two spellings of one character.
  private var numbers: [[UInt8]: Int] = [:]
  private var refreshedAt: Duration?
  private var cost = Duration.zero
  /// At most a twentieth of the time is spent on looking.
  private static let share = 20
  /// Two changes of a folder may have the same time in the file system; after this long, the next has another.
  private static let grain = Duration.seconds(2)

  init(_ layout: StoreLayout, files: any FileOperations, clock: any WallClock = SystemClock()) {
    self.layout = layout
    self.files = files
    self.clock = clock
  }

  /// Looks for changes.
  ///
  /// Of a folder that cannot be read, what was known before is kept.
  func refresh() {
    let begun = clock.uptime()
    if let refreshedAt, begun - refreshedAt < cost * Self.share { return }
    for side in sides {
      do throws(FileFailure) {
        try refresh(side)
        side.failure = nil
      } catch {
        side.failure = error
      }
    }
    // What failed is tried again at once.
    guard sides.allSatisfy({ $0.failure == nil }) else { return }
    let ended = clock.uptime()
    (refreshedAt, cost) = (ended, ended - begun)
  }

  /// The folder of a side.
  func path(of side: Side) -> FilePath { side.place == .retry ? layout.retry : layout.failed }

  func text(_ number: Int) -> String { texts[number] }

  /// The number of a text; nil if nothing has it.
  func number(of text: String) -> Int? { numbers[Array(text.utf8)] }

  /// The report beside a file, or a stand-in if it has no readable one, and the file's size; nil if it is gone.
  ///
  /// - Throws: `FileFailure`.
  func report(of name: FileName, on side: Side) throws(FileFailure) -> (report: FailureReport, size: Int)? {
    guard !name.hasPrefix("."), !name.isSidecar, let folder = try open(side),
      let status = try folder.status(of: name)
    else { return nil }
    if let report = try folder.failureReport(of: name) { return (report, status.size) }
    // A folder that was set aside has a report, even if it is unreadable; any other is a person's own.
    if status.kind == .folder {
      guard let sidecar = name.sidecar, try folder.status(of: sidecar) != nil else { return nil }
    }
    return (Self.standIn(for: name, status), status.size)
  }

  /// What is known about a file without a readable report: its name, and when it changed.
  private static func standIn(for name: FileName, _ status: FileStatus) -> FailureReport {
    let time = Timestamp(nanoseconds: status.modified)
    return FailureReport(
      file: name.description,
      failure: DropFailure(stage: .read, reason: .noReport, message: Message(StatusMessage.noReport)), attempts: 0,
      firstFailedAt: time, lastFailedAt: time, nextAttemptAt: nil, inbox: "")
  }

  private func open(_ side: Side) throws(FileFailure) -> Folder? {
    try Folder.openingIfThere(path(of: side), files: files)
  }

  private func refresh(_ side: Side) throws(FileFailure) {
    guard let folder = try open(side) else {
      (side.entries, side.seen) = ([], nil)
      return
    }
    let status = try folder.status()
    if let seen = side.seen, seen.isSameFile(as: status), seen.changed == status.changed,
      seen.modified == status.modified
    {
      return
    }
    let now = clock.now()
    var names: [FileName] = []
    var folders: [FileName] = []
    var reports: Set<FileName> = []
    try folder.forEachEntry { name, kind in
      guard !name.hasPrefix(".") else { return }
      if name.isSidecar {
        reports.insert(name)
      } else if kind == .folder {
        folders.append(name)
      } else {
        names.append(name)
      }
    }
    // A folder that was set aside has a report; any other is a person's own.
    names += folders.filter { $0.sidecar.map(reports.contains) ?? false }
    var known: [[UInt8]: Entry] = [:]
    known.reserveCapacity(side.entries.count)
    for entry in side.entries { known[entry.cursor.name] = entry }
    var entries: [Entry] = []
    entries.reserveCapacity(names.count)
    for name in names {
      let key = Array("\(side.status.rawValue)/".utf8) + name.bytes
      if let sidecar = name.sidecar, reports.contains(sidecar),
        let changed = try folder.status(of: sidecar)?.changed
      {
        if let entry = known[key], entry.reportChanged == changed {
          entries.append(entry)
          continue
        }
        if let report = try folder.failureReport(of: name) {
          entries.append(entry(report, key, changed))
          continue
        }
      }
      if let status = try folder.status(of: name) {
        entries.append(entry(Self.standIn(for: name, status), key, nil))
      }
    }
    entries.sort { $0.cursor > $1.cursor }
    side.entries = entries
    let age = now - Timestamp(nanoseconds: max(status.changed, status.modified))
    side.seen = age > Self.grain ? status : nil
  }

  private func entry(_ report: FailureReport, _ key: [UInt8], _ changed: Int64?) -> Entry {
    Entry(
      cursor: EventCursor(time: report.lastFailedAt.milliseconds, sequence: 0, name: key), reportChanged: changed,
      nextAttemptAt: report.nextAttemptAt, reason: intern(report.failure.reason.rawValue),
      inbox: intern(report.inbox), type: report.failure.eventType.map(intern), idHash: report.failure.eventId?.hashValue
    )
  }

  private func intern(_ text: String) -> Int {
    let key = Array(text.utf8)
    if let number = numbers[key] { return number }
    texts.append(text)
    numbers[key] = texts.count - 1
    return texts.count - 1
  }
}
