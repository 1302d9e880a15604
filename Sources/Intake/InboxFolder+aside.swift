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
      do {
        let place = try await store.setAside(
          entry.name, from: folder, as: entry.name, failure, inbox: options.name, history: nil)
        total.count(place)
        var done = WorkSummary()
        done.drops = 1
        done.count(place)
        IntakeMeter(inbox: options.name).count(done, at: clock.now())
        leftAlone.remove(entry.name)
        if let marker = entry.name.marker(options.marker) { removeMarker(marker, in: folder) }
        logger.warning(
          "something in the inbox is no regular file and waits for a person",
          metadata: ["inbox": "\(options.name)", "file": "\(entry.name)", "why": "\(failure.message)"])
      } catch .files(let error) where error.errno == .improperLink || error.isOfOneFile {
        guard leftAlone.insert(entry.name, entry.status, at: clock.uptime()) else { continue }
        let why = error.errno == .improperLink ? "to another file system" : "out of this folder"
        logger.error(
          "something in the inbox is no regular file and cannot be moved \(why); remove it",
          metadata: ["inbox": "\(options.name)", "file": "\(entry.name)", "why": "\(error)"])
      }
    }
  }

  /// Says once why a file stays where it is, and tries it again later.
  func leaveAlone(_ name: FileName, _ error: FileFailure, _ message: Logger.Message) {
    let status = (try? folder.status(of: name)) ?? nil
    guard leftAlone.insert(name, status, at: clock.uptime()) else { return }
    logger.error(message, metadata: ["inbox": "\(options.name)", "file": "\(name)", "why": "\(error)"])
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
    if let marker = drop.name.marker(options.marker) { removeMarker(marker, in: drop.folder) }
  }

  private func removeMarker(_ marker: FileName, in folder: Folder) {
    do {
      try folder.remove(marker)
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
    case .other: "a pipe, socket or device"
    case .regular: "a file with \(links) names (hard links)"
    }
  }
}
