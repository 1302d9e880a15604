internal import DurableFiles
internal import EventStore
internal import Events
internal import Logging
internal import SystemPackage
internal import Time

/// What lies in an inbox's folder and is not simply claimed.
extension InboxFolder {
  func count(_ reason: WaitingFiles.Reason, _ entry: InboxScan.Entry) {
    waiting.add(
      reason, modified: entry.modified, name: String(decoding: path, as: UTF8.self) + entry.name.description)
  }

  // MARK: Files that may still be written

  /// Since when nothing about a file has changed, by the clock that nobody sets.
  func quietSince(_ entry: InboxScan.Entry) -> Duration {
    if let held = held[entry.name], held.status.hasSameContent(as: entry.status, hasFixedInodes: isLocal) {
      return held.quietSince
    }
    return clock.uptime() - readiness.quiet(entry.name, entry.status, enough: InboxOptions.quietTime)
  }

  private var isLocal: Bool { readiness.isOfThisMachineAlone }

  /// Puts a claimed file back that is no drop yet, and keeps in mind since when it has been left alone.
  func hold(_ drop: ClaimedDrop, _ why: Unsettled) {
    guard let name = putBack(drop), let status = (try? folder.status(of: name)) ?? nil else { return }
    let isSame = status.hasSameContent(as: drop.status, hasFixedInodes: isLocal)
    let since = isSame ? drop.quietSince : clock.uptime()
    readiness.carry(name, status, quietSince: since)
    count(why.isOpen ? .open : .settling, InboxScan.Entry(name: name, status: status))
    switch why {
    case .open, .perhapsWritten:
      if held.count < 10_000 { held[name] = HeldFile(status: status, why: why, quietSince: since) }
    case .replaced, .vanished: break
    }
  }

  func mayBeClaimed(_ entry: InboxScan.Entry) throws(FileFailure) -> Bool {
    guard !held.isEmpty, let known = held[entry.name] else { return true }
    guard known.status.hasSameContent(as: entry.status, hasFixedInodes: isLocal) else {
      held[entry.name] = nil
      return true
    }
    let isQuiet = clock.uptime() - known.quietSince >= InboxOptions.quietTime
    if case .perhapsWritten = known.why {
      if !isQuiet { count(.settling, entry) }
      return isQuiet
    }
    var isOpen: Bool?
    do {
      guard let file = try folder.open(entry.name), try file.status() == entry.status else { return false }
      isOpen = isLocal ? file.isOpenForWriting() : nil
    } catch {
      // What is in the way is told, or looked at, once it is claimed.
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

  // MARK: What is no regular file

  func setOddAside(
    _ entries: [InboxScan.Entry], _ total: inout WorkSummary, until isStopping: () -> Bool
  ) async throws(StorageError) {
    for entry in entries where !isStopping() {
      let failure = DropFailure(
        stage: .read, reason: .notARegularFile,
        message: Message(ContentMessage.notARegularFile, ["kind": .message(entry.status.described)]))
      guard let place = try await setOddAside(entry, failure) else { continue }
      total.count(place)
      var done = WorkSummary()
      done.drops = 1
      done.count(place)
      IntakeMeter(inbox: options.name).count(done, at: clock.now())
      leftAlone.remove(entry.name)
      logger.warning(
        "something in the inbox is not a regular file and waits for a person",
        metadata: ["inbox": "\(options.name)", "file": "\(entry.name)", "error": "\(failure.message)"])
    }
  }

  /// Claims it first: where it must be made anew on another file system, nothing that has taken its name since is removed.
  ///
  /// - Returns: Where it went; nil where it is gone, or stays in the inbox.
  private func setOddAside(
    _ entry: InboxScan.Entry, _ failure: DropFailure
  ) async throws(StorageError) -> FailedPlace? {
    guard let drop = try claimOdd(entry) else { return nil }
    do throws(StorageError) {
      let place = try await store.setAside(
        drop.claimedAs, from: drop.folder, as: drop.name, failure, inbox: options.name, droppedAs: drop.original,
        history: nil, isQuiet: true)
      claims.forget(drop.claim)
      removeMarker(of: drop)
      removeReports(of: drop)
      return place
    } catch {
      guard case .files(let failure) = error, !failure.isOfTheMachine, store.folders.failed.canBeUsed else {
        putBack([drop])
        throw error
      }
      putBackAndLeaveAlone(drop, failure, .odd)
      return nil
    }
  }

  private func claimOdd(_ entry: InboxScan.Entry) throws(StorageError) -> ClaimedDrop? {
    do throws(FileFailure) {
      guard let claim = try claim(entry, marker: nil) else { return nil }
      let drop = drop(entry.name, claim, entry.status, quietSince: quietSince(entry), isAfterLook: true)
      // It may have been replaced by a drop before it was claimed.
      guard let status = try claim.folder.status(of: claim.name),
        status.hasSameContent(as: entry.status, hasFixedInodes: readiness.isOfThisMachineAlone), !status.isPlain
      else {
        putBack([drop])
        return nil
      }
      return drop
    } catch {
      // A rename may have been done that was said to have failed.
      hasRecovered = false
      throw .files(error)
    }
  }

  // MARK: What cannot be read or moved

  func putBackAndLeaveAlone(_ drop: ClaimedDrop, _ failure: FileFailure, _ kind: NewlyLeft.Kind = .unreadable) {
    let name = putBack(drop) ?? drop.name
    if let status = (try? folder.status(of: name)) ?? nil,
      status.hasSameContent(as: drop.status, hasFixedInodes: isLocal)
    {
      readiness.carry(name, status, quietSince: drop.quietSince)
    }
    leaveAlone(name, failure, kind)
    count(.unreadable, InboxScan.Entry(name: name, status: drop.status))
  }

  /// Notes why a file stays where it is, and tries it again later.
  func leaveAlone(_ name: FileName, _ failure: FileFailure, _ kind: NewlyLeft.Kind) {
    let status = (try? folder.status(of: name)) ?? nil
    if leftAlone.insert(name, status, at: clock.uptime()) { newlyLeft.add(name, failure, kind) }
  }

  /// Says once why files stay where they are: a line a look for each kind.
  func tellNewlyLeft() {
    for (kind, left) in newlyLeft.take() {
      logger.error(
        kind.message,
        metadata: [
          "inbox": "\(options.name)", "files": "\(left.count)",
          "file": "\(String(decoding: path, as: UTF8.self))\(left.name)", "error": "\(left.failure)",
          "advice": "\(left.failure.advice)",
        ])
    }
  }

  /// Files that others have moved away need no watching any more.
  func forgetWhatIsGone() {
    if !held.isEmpty { held = held.filter { folder.mayHold($0.key) } }
  }

  // MARK: Sidecars and markers

  /// For how long a file has lain where it is; zero if its times are of another machine's clock.
  private func age(of status: FileStatus) -> Duration {
    guard isLocal else { return .zero }
    return max(.zero, .milliseconds(clock.now().milliseconds - status.changed / 1_000_000))
  }

  /// Keeps in mind what the sidecars say that were moved in with their files, and removes those that have lost theirs.
  ///
  /// A file is tried anew, and gets a new one if need be. What only looks like a sidecar is read once.
  func takeSidecars(_ entries: [InboxScan.Entry]) {
    var removed = 0
    var others: [FileKey: Int] = [:]
    givenNames.keep(besides: Set(entries.map(\.name)))
    for entry in entries {
      let key = FileKey(entry.name)
      if readSidecars[key] != entry.status.hashValue {
        guard !leftAlone.contain(entry.name, entry.status, at: clock.uptime()) else {
          count(.unreadable, entry)
          continue
        }
        do throws(FileFailure) {
          let age = age(of: entry.status)
          switch try givenNames.take(entry.name, entry.status, in: folder, at: clock.uptime(), age: age) {
          case .stays: continue
          case .isDone:
            try folder.remove(entry.name)
            removed += 1
            continue
          case .isNone: break
          }
        } catch {
          // What is of the whole is met elsewhere as well.
          guard !error.isOfTheMachine else { continue }
          leaveAlone(entry.name, error, .unreadable)
          count(.unreadable, entry)
          continue
        }
      }
      others[key] = entry.status.hashValue
      count(.noPattern, entry)
    }
    readSidecars = others
    guard removed > 0 else { return }
    logger.info(
      "reports that came into the inbox with their files are removed",
      metadata: ["inbox": "\(options.name)", "reports": "\(removed)"])
  }

  /// Removes the marker that was claimed with a drop.
  func removeMarker(of drop: ClaimedDrop) {
    guard let marker = drop.claimedAs.marker(options.marker) else { return }
    do {
      try drop.folder.remove(marker)
    } catch {
      // It lies among the claims, and is looked for there.
      hasRecovered = false
      logger.warning("a marker could not be removed", metadata: ["inbox": "\(options.name)", "error": "\(error)"])
    }
  }
}

extension FileName {
  /// The name of this file's marker; nil where there are none, or it has no room for the ending.
  func marker(_ ending: String?) -> FileName? { ending.flatMap { appending($0) } }
}

extension Folder {
  /// Whether there is such a file, or the system does not tell.
  func mayHold(_ name: FileName) -> Bool { (try? status(of: name)) != .some(nil) }
}

extension Unsettled {
  fileprivate var isOpen: Bool { if case .open = self { true } else { false } }
}

extension FileStatus {
  /// What it is, for a person who did not expect it.
  var described: Message {
    switch kind {
    case .symbolicLink: Message(ContentMessage.symbolicLink)
    case .folder: Message(ContentMessage.folder)
    case .pipe: Message(ContentMessage.pipe)
    case .socket: Message(ContentMessage.socket)
    case .other: Message(ContentMessage.device)
    case .regular: Message(ContentMessage.hardLinks, ["links": .integer(Int(links))])
    }
  }
}
