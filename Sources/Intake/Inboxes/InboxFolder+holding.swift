internal import DurableFiles
internal import Time

/// A file that may still be written.
struct HeldFile {
  var status: FileStatus
  var why: Unsettled
  /// Since when nothing about it has changed, by the monotonic clock.
  var quietSince: Duration
  /// When it was put back.
  var at: Duration = .zero
}

/// Files that may still be written.
extension InboxFolder {
  /// How soon a file is retried if another machine is handling one of its events.
  private static let heldElsewherePause = Duration.seconds(1)

  func count(_ reason: WaitingFiles.Reason, _ entry: InboxScan.Entry) {
    waiting.add(
      reason, modified: entry.modified, name: String(decoding: path, as: UTF8.self) + entry.name.description)
  }

  /// Since when nothing about a file that is being claimed has changed, by the monotonic clock.
  func quietSince(_ entry: InboxScan.Entry) -> Duration {
    if let held = held[entry.name], held.status.hasSameContent(as: entry.status, hasFixedInodes: source.isLocal) {
      return held.quietSince
    }
    return clock.uptime()
      - source.readiness.quietWhenClaimed(entry.name, entry.status, enough: InboxOptions.quietTime)
  }

  /// Puts back a claimed file that is not a drop yet, and remembers how long it has been quiet.
  func hold(_ drop: ClaimedDrop, _ why: Unsettled) {
    guard let name = putBack(drop), let status = (try? folder.status(of: name)) ?? nil else { return }
    let isSame = status.hasSameContent(as: drop.status, hasFixedInodes: source.isLocal)
    let since = isSame ? drop.quietSince : clock.uptime()
    source.readiness.carry(name, status, quietSince: since)
    count(why.reason, InboxScan.Entry(name: name, status: status))
    switch why {
    case .heldElsewhere:
      if held.count < 10_000 { held[name] = HeldFile(status: status, why: why, quietSince: since, at: clock.uptime()) }
    case .open, .perhapsWritten, .perhapsMoved:
      if held.count < 10_000 { held[name] = HeldFile(status: status, why: why, quietSince: since) }
    case .replaced, .vanished: break
    }
  }

  func mayBeClaimed(_ entry: InboxScan.Entry) throws(FileFailure) -> Bool {
    guard !held.isEmpty, let known = held[entry.name] else { return true }
    guard known.status.hasSameContent(as: entry.status, hasFixedInodes: source.isLocal) else {
      held[entry.name] = nil
      return true
    }
    if case .heldElsewhere = known.why {
      let isDue = clock.uptime() - known.at >= Self.heldElsewherePause
      if !isDue { count(.fleetAway, entry) }
      return isDue
    }
    if case .perhapsMoved = known.why {
      let isDue = clock.uptime() - known.quietSince >= InboxOptions.moveTime
      if !isDue { count(.settling, entry) }
      return isDue
    }
    let isQuiet = clock.uptime() - known.quietSince >= InboxOptions.quietTime
    if case .perhapsWritten = known.why {
      if !isQuiet { count(.settling, entry) }
      return isQuiet
    }
    var isOpen: Bool?
    do {
      guard let file = try folder.open(entry.name), try file.status() == entry.status else { return false }
      isOpen = source.isLocal ? file.isOpenForWriting() : nil
    } catch {
      // The obstacle is reported, or examined, once it is claimed.
      guard !folder.isConcerned(by: error) else { throw error }
    }
    if isOpen == true {
      count(.open, entry)
      return false
    }
    guard isOpen == nil, options.needsQuiet(entry.name.bytes), !isQuiet else { return true }
    count(.settling, entry)
    return false
  }

  /// Files that others have moved away need no watching any more.
  func forgetWhatIsGone() {
    if !held.isEmpty { held = held.filter { folder.mayHold($0.key) } }
  }
}

extension Unsettled {
  /// The reason why it waits.
  fileprivate var reason: WaitingFiles.Reason {
    switch self {
    case .open: .open
    case .heldElsewhere: .fleetAway
    case .perhapsWritten, .perhapsMoved, .replaced, .vanished: .settling
    }
  }
}
