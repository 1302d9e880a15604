internal import DurableFiles
internal import Events
internal import Logging
internal import Time

/// Reports what an inbox leaves: to a file that other commands read, and once, if it stays for long, to the log.
struct WaitingReport {
  private let inbox: String
  private let state: Folder
  private let mode: UInt32
  private let logger: Logger
  /// The content of the file.
  private var written: [WaitingFiles.Reason: WaitingFiles.Group] = [:]
  private var isWritten = false
  /// The oldest file of each reason, since when it has been that, and whether it has been logged.
  private var lying: [WaitingFiles.Reason: Lying] = [:]

  private struct Lying {
    var name: String
    var oldest: Timestamp
    /// By the monotonic clock.
    var since: Duration
    var isLogged = false
  }

  /// How long something may stay unreported.
  static let patience = Duration.seconds(600)

  init(inbox: String, state: Folder, mode: UInt32, logger: Logger) {
    self.inbox = inbox
    self.state = state
    self.mode = mode
    self.logger = logger
  }

  /// Takes what a look has found.
  ///
  /// - Parameters:
  ///   - waiting: What is not taken.
  ///   - isOneClock: Whether the files' times come from this machine's clock.
  ///   - clock: The clock.
  mutating func take(_ waiting: WaitingFiles, isOneClock: Bool, _ clock: any WallClock) {
    write(waiting)
    for reason in WaitingFiles.Reason.allCases {
      guard let group = waiting.groups[reason] else {
        lying[reason] = nil
        continue
      }
      var known = lying[reason] ?? Lying(name: group.name, oldest: group.oldest, since: clock.uptime())
      if known.name != group.name || known.oldest != group.oldest {
        (known.name, known.oldest, known.since) = (group.name, group.oldest, clock.uptime())
      }
      let age = isOneClock && !reason.isPassing ? clock.now() - group.oldest : .zero
      if !known.isLogged, max(clock.uptime() - known.since, age) >= Self.patience {
        known.isLogged = true
        logger.warning(
          "files in the inbox are not taken",
          metadata: [
            "inbox": "\(inbox)", "reason": "\(reason.rawValue)", "files": "\(group.count)", "oldest": "\(group.name)",
            "since": "\(group.oldest.rfc3339)", "advice": "\(reason.advice)",
          ])
      }
      lying[reason] = known
    }
  }

  private mutating func write(_ waiting: WaitingFiles) {
    guard waiting.groups != written || !isWritten else { return }
    guard !waiting.groups.isEmpty || isWritten || hasFile else {
      // Nothing was ever left, and nothing is: a missing file says the same.
      isWritten = true
      return
    }
    do throws(FileFailure) {
      let folder = try state.folder(WaitingFiles.folderName, makingWithMode: mode)
      let file = try UnnamedFile(in: folder, mode: mode & 0o666)
      try file.write(waiting.encoded.span)
      try file.publish(replacing: WaitingFiles.fileName(of: inbox))
      written = waiting.groups
      isWritten = true
    } catch {
      // Tried again at the next look; nothing but an answer depends on it.
    }
  }

  private var hasFile: Bool {
    guard let folder = try? state.folder(WaitingFiles.folderName) else { return false }
    return folder.mayHold(WaitingFiles.fileName(of: inbox))
  }
}

extension WaitingFiles.Reason {
  /// Whether it usually ends by itself.
  var isPassing: Bool { self == .settling || self == .open }

  /// What a person can do about it.
  package var advice: String {
    switch self {
    case .settling: "they change all the time, or may still be written; look at what their sender does"
    case .open: "a process of this machine has them open for writing; let it close them"
    case .noMarker:
      "they are taken once their markers are there; look at what their sender writes, and at the inbox's marker"
    case .noPattern:
      "their names match no pattern of the inbox's include, or one of exclude; move them away, or set these"
    case .subFolder: "sub-folders are looked into only with recursive: true; move their files up, or set that"
    case .unreadable: "give this process's user the right to read and move them"
    case .noRoom: Message(StatusMessage.makeRoom).text(in: .en)
    case .notReachable: "look at the folder, and at what is mounted there"
    case .fleetAway: "look at the database of fleet.url, and at 'eventdrop fleet status'"
    }
  }
}
