internal import DurableFiles
internal import EventStore
internal import Events
internal import Logging
internal import Schedules
internal import SystemPackage

/// What lies in an inbox's folder and is not simply claimed.
extension InboxFolder {
  func mayBeClaimed(_ entry: InboxScan.Entry) throws(FileFailure) -> Bool {
    if leftAlone.contain(entry.name, entry.status, at: clock.uptime()) { return false }
    if heldOpen[entry.name] == entry.status.inode {
      do {
        guard let file = try folder.open(entry.name), try file.status() == entry.status else { return false }
        let isOpen = file.isOpenForWriting()
        if isOpen ?? options.mayStillGrow(Array(entry.name.bytes), entry.status, at: clock.now()) { return false }
      } catch  where error.isOfOneFile || error.errno == .tooManySymbolicLinkLevels {
        // What is in the way is told, or looked at, once it is claimed.
      }
    }
    return true
  }

  func setOddAside(_ entries: [InboxScan.Entry], _ total: inout WorkSummary) async throws(StoreError) {
    for entry in entries where !leftAlone.contain(entry.name, entry.status, at: clock.uptime()) {
      let failure = DropFailure(
        stage: .read, reason: .notARegularFile,
        message:
          "this is \(entry.status.described), which is never opened, as it could lead to what nobody meant to drop."
          + " Drop a copy of the file instead")
      guard let place = try await setOddAside(entry, failure) else { continue }
      total.count(place)
      var done = WorkSummary()
      done.drops = 1
      done.count(place)
      IntakeMeter(inbox: options.name).count(done, at: clock.now())
      leftAlone.remove(entry.name)
      logger.warning(
        "something in the inbox is no regular file and waits for a person",
        metadata: ["inbox": "\(options.name)", "file": "\(entry.name)", "why": "\(failure.message)"])
    }
  }

  /// Claims it first: where it must be made anew on another file system, nothing that has taken its name since is removed.
  ///
  /// - Returns: Where it went; nil where it is gone, or stays in the inbox.
  private func setOddAside(
    _ entry: InboxScan.Entry, _ failure: DropFailure
  ) async throws(StoreError) -> FailedPlace? {
    guard let drop = try claimOdd(entry) else { return nil }
    do throws(StoreError) {
      let place = try await store.setAside(
        drop.name, from: drop.folder, as: drop.name, failure, inbox: options.name, droppedAs: drop.original,
        history: nil)
      removeMarker(of: drop)
      return place
    } catch {
      putBack([drop])
      guard case .files(let failure) = error, failure.errno == .improperLink || failure.isOfOneFile else { throw error }
      leaveAlone(
        drop.name, failure,
        "something in the inbox is no regular file and cannot be moved to the folder of failed files; remove it")
      return nil
    }
  }

  private func claimOdd(_ entry: InboxScan.Entry) throws(StoreError) -> ClaimedDrop? {
    do throws(FileFailure) {
      let place = try claim(
        entry.name, orSay: "something in the inbox is no regular file and cannot be moved out of this folder; remove it"
      )
      guard let place else { return nil }
      let drop = drop(entry.name, in: place, entry.status)
      // It may have been replaced by a drop before it was claimed.
      guard let status = try place.status(of: entry.name), status.isSameFile(as: entry.status), !status.isPlain else {
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

  /// Says once why a file stays where it is, and tries it again later.
  func leaveAlone(_ name: FileName, _ error: FileFailure, _ message: Logger.Message) {
    let status = (try? folder.status(of: name)) ?? nil
    guard leftAlone.insert(name, status, at: clock.uptime()) else { return }
    logger.error(message, metadata: ["inbox": "\(options.name)", "file": "\(name)", "why": "\(error)"])
  }

  /// Files that others have moved away need no watching any more.
  func forgetWhatIsGone() {
    if !heldOpen.isEmpty { heldOpen = heldOpen.filter { folder.mayHold($0.key) } }
    leftAlone.forgetAllBut(folder.mayHold)
  }

  /// Removes sidecars that were moved in with their files: the files are tried anew, and get new ones if need be.
  func tidySidecars(_ names: [FileName]) {
    for name in names {
      // Not opened either where it may lead to what nobody meant to drop.
      guard let status = try? folder.status(of: name), status.isPlain else { continue }
      guard let bytes = try? folder.read(name, limit: 1 << 20), FailureReport(bytes) != nil else { continue }
      try? folder.remove(name)
    }
  }

  /// Removes the marker that was claimed with a drop.
  func removeMarker(of drop: ClaimedDrop) {
    guard let marker = drop.name.marker(options.marker) else { return }
    do {
      try drop.folder.remove(marker)
    } catch {
      logger.warning("a marker could not be removed", metadata: ["inbox": "\(options.name)", "why": "\(error)"])
    }
  }
}

extension FileName {
  /// The name of this file's marker; nil where there are none, or it has no room for the ending.
  func marker(_ ending: String?) -> FileName? { ending.flatMap { appending($0) } }
}

extension FileStatus {
  /// What it is, for a person who did not expect it.
  var described: String {
    switch kind {
    case .symbolicLink: "a symbolic link"
    case .folder: "a folder"
    case .pipe: "a pipe"
    case .socket: "a socket"
    case .other: "a device"
    case .regular: "a file with \(links) names (hard links)"
    }
  }
}
