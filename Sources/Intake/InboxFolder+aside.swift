internal import DurableFiles
internal import EventStore
internal import Events
internal import Logging
internal import Schedules
internal import SystemPackage

/// What lies in an inbox's folder and is not simply claimed.
extension InboxFolder {
  func mayBeClaimed(_ entry: InboxScan.Entry) throws(FileFailure) -> Bool {
    if isLeftForNow(entry) { return false }
    if heldOpen[entry.name] == entry.status.inode {
      do {
        guard let file = try folder.open(entry.name), try file.status() == entry.status else { return false }
        if file.isOpenForWriting() == true { return false }
      } catch  where isOfThisFileAlone(error) || error.errno == .tooManySymbolicLinkLevels {
        // What is in the way is told, or looked at, once it is claimed.
      }
    }
    return true
  }

  /// Whether this could not be read or moved the last time, and that was not long ago.
  private func isLeftForNow(_ entry: InboxScan.Entry) -> Bool {
    guard let known = unreadable[entry.name] else { return false }
    if known.status == entry.status { return clock.uptime() - known.triedAt < .seconds(60) }
    unreadable[entry.name] = nil
    return false
  }

  func setOddAside(_ entries: [InboxScan.Entry], _ total: inout WorkSummary) async throws(StoreError) {
    for entry in entries where !isLeftForNow(entry) {
      let failure = DropFailure(
        stage: .read, reason: .notARegularFile,
        message:
          "this is \(entry.status.described), which is never opened, as it could lead to what nobody meant to drop."
          + " Drop a copy of the file instead")
      do {
        let place = try await store.setAside(
          entry.name, from: folder, as: entry.name, failure, inbox: options.name, history: nil)
        total.count(place)
        unreadable[entry.name] = nil
        logger.warning(
          "something in the inbox is no regular file and waits for a person",
          metadata: ["inbox": "\(options.name)", "file": "\(entry.name)", "why": "\(failure.message)"])
      } catch .files(let error) where error.errno == .improperLink {
        guard unreadable.updateValue((entry.status, clock.uptime()), forKey: entry.name) == nil else { continue }
        logger.error(
          "something in the inbox is no regular file and cannot be moved to another file system; remove it",
          metadata: ["inbox": "\(options.name)", "file": "\(entry.name)"])
      }
    }
  }

  /// A failure that is about this file and no other: nobody gave us the right to read it, or to take it out of a folder
  /// with the sticky bit.
  func isOfThisFileAlone(_ error: FileFailure) -> Bool {
    switch error.errno {
    case .notPermitted: error.operation == "open" || error.operation == "move"
    case .permissionDenied: error.operation == "open"
    default: false
    }
  }

  /// Says once why a file stays where it is, and tries it again later.
  func leaveAlone(_ name: FileName, _ error: FileFailure, _ message: Logger.Message) {
    if unreadable[name] == nil {
      logger.error(message, metadata: ["inbox": "\(options.name)", "file": "\(name)", "why": "\(error)"])
    }
    if unreadable.count < 10_000, let status = try? folder.status(of: name) {
      unreadable[name] = (status, clock.uptime())
    }
  }

  /// Removes sidecars that were moved in with their files: the files are tried anew, and get new ones if need be.
  func tidySidecars(_ names: [FileName]) {
    for name in names {
      guard let bytes = try? folder.read(name, limit: 1 << 20), FailureReport(bytes) != nil else { continue }
      try? folder.remove(name)
    }
  }

  func removeMarker(of name: FileName) {
    guard let marker = options.marker, let markerName = name.appending(marker) else { return }
    do {
      try folder.remove(markerName)
    } catch {
      logger.warning("a marker could not be removed", metadata: ["inbox": "\(options.name)", "why": "\(error)"])
    }
  }
}

extension FileStatus {
  /// What it is, for a person who did not expect it.
  var described: String {
    switch kind {
    case .symbolicLink: "a symbolic link"
    case .folder: "a folder"
    case .other: "a pipe, socket or device"
    case .regular: "a file with \(links) names (hard links)"
    }
  }
}
