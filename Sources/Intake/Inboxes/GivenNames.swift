internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Events
internal import Failures
internal import Logging
internal import SystemPackage
internal import Time

/// The names that senders gave to files whose names have changed: a report beside such a file has the original.
///
/// A file gets another name if its own is taken, too long or hidden, or if it is a part of another. When it comes back
/// into an inbox, only its name as dropped is meaningful.
struct GivenNames {
  private struct Known {
    /// Of the report.
    var status: Int
    var droppedAs: DropName?
  }

  /// For the files that have a report beside them.
  private var known: [FileName: Known] = [:]
  /// Reports that contain a name and have lost their files.
  private var lonely = LonelyReports(patience: .seconds(10))

  /// What to do with a report.
  enum Verdict {
    /// It belongs to its file.
    case stays
    /// Its file may still come.
    case waits
    /// Nothing needs it any more.
    case isDone
    case isNone
  }

  /// Takes what may be a report; one that was read before is not read again.
  ///
  /// - Parameters:
  ///   - sidecar: Its name.
  ///   - status: Its status.
  ///   - folder: Its folder.
  ///   - uptime: The current time.
  ///   - age: How long it has been there, if known.
  /// - Returns: What to do with it.
  /// - Throws: `FileFailure` if it cannot be read.
  mutating func take(
    _ sidecar: FileName, _ status: FileStatus, in folder: Folder, at uptime: Duration, age: Duration
  ) throws(FileFailure) -> Verdict {
    guard let file = sidecar.withoutSidecarEnding else { return .isNone }
    let isBeside = folder.mayHold(file)
    if isBeside, let known = known[file], known.status == status.hashValue { return .stays }
    known[file] = nil
    if !isBeside, let isWaiting = lonely.isWaiting(file, status.hashValue, at: uptime) {
      return isWaiting ? .waits : .isDone
    }
    guard let bytes = try folder.read(sidecar, limit: sidecarSizeLimit), let report = FailureReport(bytes)
    else { return .isNone }
    if isBeside {
      known[file] = Known(status: status.hashValue, droppedAs: report.droppedAs)
      lonely.remove(file)
      return .stays
    }
    guard report.tellsAnotherName(than: file), age < lonely.patience else { return .isDone }
    lonely.add(file, status.hashValue, since: uptime - age)
    return .waits
  }

  /// Forgets the files that have lost their report.
  mutating func keep(besides sidecars: Set<FileName>) {
    func isThere(_ file: FileName) -> Bool { file.sidecar.map(sidecars.contains) ?? false }
    if !known.isEmpty { known = known.filter { isThere($0.key) } }
    lonely.keep(isThere)
  }

  /// The name that a file was given, according to the report beside it.
  subscript(file: FileName) -> DropName? { known[file]?.droppedAs }

  /// Whether a file is a report beside its own file.
  func isReport(_ name: FileName) -> Bool {
    !known.isEmpty && name.withoutSidecarEnding.map { known[$0] != nil } ?? false
  }

  /// Whether a file has a report beside it.
  func hasReport(of file: FileName) -> Bool { known[file] != nil }

  mutating func forget(_ file: FileName) { known[file] = nil }
}

extension FailureReport {
  /// Whether its file was dropped under another name.
  func tellsAnotherName(than file: FileName) -> Bool {
    droppedAs.map { !file.bytes.elementsEqual($0.bytes) } ?? false
  }
}

extension FailureFolder {
  /// Records how a file was dropped, in a report beside it, if it had to be put back under another name because its own
  /// was taken meanwhile.
  ///
  /// - Parameters:
  ///   - original: The name under which it was dropped.
  ///   - name: Its present name.
  ///   - wanted: Its own name; if it has that, there is nothing to record.
  ///   - inbox: Where it was dropped.
  ///   - history: Its earlier failures.
  ///   - now: The current time.
  /// - Throws: `FileFailure`.
  func note(
    _ original: DropName, of name: FileName, insteadOf wanted: FileName, inbox: String,
    history: FailureHistory? = nil, at now: Timestamp
  ) throws(FileFailure) {
    guard name != wanted else { return }
    let failure = DropFailure(
      stage: .read, reason: history?.reason ?? .putBack, message: Message(ContentMessage.putBack))
    let report = FailureReport(
      file: name.description, failure: failure, attempts: history?.attempts ?? 0,
      firstFailedAt: history?.firstFailedAt ?? now, lastFailedAt: now, nextAttemptAt: now, inbox: inbox,
      droppedAs: original)
    try writeSidecar(report, for: name)
  }
}

extension FailureReason {
  /// Not a failure: its name was taken when it was put back.
  fileprivate static let putBack = FailureReason(rawValue: "put-back")
}

extension FileName {
  /// Whether eventdrop may have derived it from another: `a~2.json`, `_.a.json`, `a.jsonl.3.json`,
  /// `a.jsonl.rest.jsonl`.
  var mayBeOfOurMaking: Bool {
    if bytes.contains(UInt8(ascii: "~")) || hasPrefix("_.") || RestFile.isName(self) { return true }
    guard hasSuffix(".json") else { return false }
    let stem = bytes.dropLast(".json".utf8.count)
    guard let dot = stem.lastIndex(of: UInt8(ascii: ".")) else { return false }
    return stem[(dot + 1)...].areDigits
  }
}

extension InboxFolder {
  /// The name under which a file was dropped.
  ///
  /// - Parameters:
  ///   - name: Its present name.
  ///   - isAfterLook: Whether this look has seen which reports are here.
  /// - Returns: That name, with the path to the folder where it was dropped.
  func droppedName(of name: FileName, isAfterLook: Bool) -> DropName {
    if let given = givenNames[name] { return given }
    // Its report seems to have lost it while it is claimed, or is one of so many that the look has left it out.
    let mayBeOurs = name.mayBeOfOurMaking
    if !isAfterLook || mayBeOurs, let given = reportBeside(name)?.droppedAs {
      return given
    }
    let own = DropName(bytes: path + name.bytes)
    guard mayBeOurs else { return own }
    return placesLeft(by: name).lazy.compactMap { $0.report.droppedAs }.first ?? own
  }

  /// The reports in `retry/` and `failed/` left behind by a file of this inbox.
  private func placesLeft(by name: FileName) -> [(folder: FailureFolder, report: FailureReport)] {
    [store.folders.retry, store.folders.failed].compactMap { place in
      guard !place.folder.mayHold(name), let report = (try? place.report(of: name)) ?? nil,
        report.inbox.utf8.elementsEqual(options.name.utf8), report.tellsAnotherName(than: name)
      else { return nil }
      return (place, report)
    }
  }

  /// The report beside a file; only a regular file is opened.
  private func reportBeside(_ name: FileName) -> FailureReport? {
    guard let sidecar = name.sidecar, let status = (try? folder.status(of: sidecar)) ?? nil, status.isPlain else {
      return nil
    }
    return (try? reports.report(of: name)) ?? nil
  }

  /// Sidecars in this folder.
  private var reports: FailureFolder {
    FailureFolder(.retry, folder, store.options.layout)
  }

  /// Removes the reports of a finished file, unless the next one of its name is there already.
  func removeReports(of drop: ClaimedDrop) {
    let hasReport = givenNames.hasReport(of: drop.name)
    givenNames.forget(drop.name)
    guard hasReport || drop.original.bytes != path + Array(drop.name.bytes) else { return }
    if !folder.mayHold(drop.name), reportBeside(drop.name) != nil {
      try? reports.removeSidecar(of: drop.name)
    }
    for place in placesLeft(by: drop.name) { _ = try? place.folder.removeLonelySidecar(of: drop.name) }
  }

  /// Records the original name of a file that was put back under another one.
  func noteName(of drop: ClaimedDrop, putBackAs name: FileName) {
    do {
      try reports.note(drop.original, of: name, insteadOf: drop.name, inbox: options.name, at: clock.now())
    } catch {
      logger.warning(
        "a file was put back under another name, and its own could not be noted",
        metadata: ["inbox": "\(options.name)", "file": "\(drop.original.text)", "name": "\(name)", "error": "\(error)"])
    }
  }
}
