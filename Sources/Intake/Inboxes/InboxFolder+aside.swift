internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Events
internal import Failures
internal import Logging
internal import SystemPackage
internal import Time

/// Whatever in an inbox's folder is not simply claimed.
extension InboxFolder {
  // MARK: Not regular files

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
      logger.warning(
        "something in the inbox is not a regular file and needs a person",
        metadata: ["inbox": "\(options.name)", "file": "\(entry.name)", "error": "\(failure.message)"])
    }
  }

  /// Claims it first: if it has to be created again on another file system, nothing that has taken its name since is
  /// removed.
  ///
  /// - Returns: Where it went; nil if it is gone, or stays in the inbox.
  private func setOddAside(
    _ entry: InboxScan.Entry, _ failure: DropFailure
  ) async throws(StorageError) -> FailedPlace? {
    guard let drop = try claimOdd(entry) else { return nil }
    do throws(StorageError) {
      let place = try await store.setAside(
        drop.claimedAs, from: drop.folder, as: drop.name, failure, inbox: options.name, droppedAs: drop.original,
        history: nil, isQuiet: true)
      letGo(of: drop)
      return place
    } catch {
      guard case .files(let failure) = error,
        store.folders.isOfFailuresAlone(failure) || (!failure.isOfTheMachine && store.folders.failed.canBeUsed)
      else {
        _ = putBack(drop)
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
        status.hasSameContent(as: entry.status, hasFixedInodes: source.isLocal), !status.isPlain
      else {
        _ = putBack(drop)
        return nil
      }
      return drop
    } catch {
      // A rename reported as failed may have been done.
      source.hasRecovered = false
      throw .files(error)
    }
  }

  /// Reports once why files stay where they are: one line per look and kind.
  func logNewlyLeft() {
    for (kind, left) in source.newlyLeft.take() {
      logger.error(
        kind.message,
        metadata: [
          "inbox": "\(options.name)", "files": "\(left.count)",
          "file": "\(String(decoding: path, as: UTF8.self))\(left.name)", "error": "\(left.failure)",
          "advice": "\(left.failure.advice)",
        ])
    }
  }

  // MARK: Sidecars and markers

  /// How long a file has been where it is; zero if its times are from another machine's clock.
  private func age(of status: FileStatus) -> Duration {
    guard source.isLocal else { return .zero }
    return max(.zero, clock.now() - Timestamp(nanoseconds: status.changed))
  }

  /// Remembers the sidecars that were moved in with their files, and removes those that have lost theirs.
  ///
  /// A file is tried again, and gets a new one if necessary. Whatever only looks like a sidecar is read once.
  func takeSidecars(_ entries: [InboxScan.Entry], until isStopping: () -> Bool) {
    var removed = 0
    var others: [FileKey: Int] = [:]
    givenNames.keep(besides: Set(entries.map(\.name)))
    for entry in entries {
      let key = FileKey(entry.name)
      if readSidecars[key] != entry.status.hashValue {
        // There may be ten thousand to read.
        guard !isStopping() else { return }
        guard !source.leftAlone.contain(entry.name, entry.status, at: clock.uptime()) else {
          count(.unreadable, entry)
          continue
        }
        do throws(FileFailure) {
          let age = age(of: entry.status)
          switch try givenNames.take(entry.name, entry.status, in: folder, at: clock.uptime(), age: age) {
          case .stays: continue
          case .waits:
            count(.settling, entry)
            continue
          case .isDone:
            try folder.remove(entry.name)
            removed += 1
            continue
          case .isNone: break
          }
        } catch {
          // Errors of the whole machine show up elsewhere as well.
          guard !error.isOfTheMachine else { continue }
          source.leaveAlone(entry.name, error, .unreadable)
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
      // It is among the claims, and will be looked for there.
      source.hasRecovered = false
      logger.warning("a marker could not be removed", metadata: ["inbox": "\(options.name)", "error": "\(error)"])
    }
  }
}

extension FileName {
  /// The name of this file's marker; nil if there are none, or the name leaves no room for the ending.
  func marker(_ ending: String?) -> FileName? { ending.flatMap { appending($0) } }
}

extension Folder {
  /// Whether such a file exists, or the system does not say.
  func mayHold(_ name: FileName) -> Bool { (try? status(of: name)) != .some(nil) }
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
