internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Events
internal import Logging
internal import SystemPackage
internal import Time

/// The files that a look has found ready, oldest first.
struct ReadyFiles: DropSource {
  private let inbox: InboxFolder
  private let scan: InboxScan
  private var position = 0

  init(_ scan: InboxScan, in inbox: InboxFolder) {
    self.scan = scan
    self.inbox = inbox
  }

  mutating func claimNext() throws(StorageError) -> [ClaimedDrop]? {
    guard position < scan.ready.count else { return nil }
    let end = min(position + inbox.options.portion, scan.ready.count)
    defer { position = end }
    return try inbox.claim(scan.ready[position..<end], scan.otherMarkers)
  }

  func settle(_ settled: [Settled]) { inbox.settle(settled) }
}

/// The files claimed by an interrupted run.
struct LeftClaims: DropSource {
  private let inbox: InboxFolder
  private let claims: [ClaimFolder.Claim]
  private var position = 0

  init(_ claims: [ClaimFolder.Claim], in inbox: InboxFolder) {
    self.claims = claims
    self.inbox = inbox
  }

  mutating func claimNext() -> [ClaimedDrop]? {
    guard position < claims.count else { return nil }
    let end = min(position + inbox.options.portion, claims.count)
    defer { position = end }
    return inbox.takeUp(claims[position..<end])
  }

  /// Puts back what was not reached.
  func putBackRest() {
    for claim in claims[position...] { _ = inbox.source.putBack(claim.name, claim) }
  }

  func settle(_ settled: [Settled]) { inbox.settle(settled) }
}

/// Claimed files, and what happens to them.
extension InboxFolder {
  // MARK: Claiming

  fileprivate func claim(
    _ entries: Slice<OldestFiles>, _ markers: [FileName: FileName]
  ) throws(StorageError) -> [ClaimedDrop] {
    var claimed: [ClaimedDrop] = []
    claimed.reserveCapacity(entries.count)
    var room = try store.folders.room()
    let isFleetAway = store.fleetPresence.trouble != nil
    do throws(FileFailure) {
      for entry in entries where !givenNames.isReport(entry.name) {
        guard !isFleetAway else {
          count(.fleetAway, entry)
          continue
        }
        guard source.hasRoom(for: entry.name, entry.status, in: &room) else {
          count(.noRoom, entry)
          continue
        }
        guard try mayBeClaimed(entry) else { continue }
        if let claim = try claim(entry, marker: markers[entry.name]) {
          claimed.append(drop(entry.name, claim, entry.status, quietSince: quietSince(entry), isAfterLook: true))
        }
      }
    } catch {
      source.hasRecovered = false
      // If there is no room for more claims, finishing these makes some.
      if !claimed.isEmpty, error.errno == .noSpace || error.errno == .diskQuotaExceeded {
        source.hasLeftForRoom = true
        lacksRoomForClaims = true
        return claimed
      }
      for drop in claimed { _ = putBack(drop) }
      throw .files(error)
    }
    return claimed
  }

  /// Claims a file; nil if it is gone, or cannot be moved, which is reported.
  ///
  /// - Throws: `FileFailure` that concerns the whole folder.
  func claim(_ entry: InboxScan.Entry, marker: FileName?) throws(FileFailure) -> ClaimFolder.Claim? {
    do {
      return try source.claim(entry.name, marker: marker)
    } catch {
      guard !folder.isConcerned(by: error) else { throw error }
      source.leaveAlone(entry.name, error, .unmovable)
      count(.unreadable, entry)
      return nil
    }
  }

  fileprivate func takeUp(_ left: ArraySlice<ClaimFolder.Claim>) -> [ClaimedDrop] {
    var claimed: [ClaimedDrop] = []
    for claim in left {
      do throws(FileFailure) {
        guard let status = try claim.folder.status(of: claim.name) else { continue }
        claimed.append(drop(claim.name, claim, status, quietSince: clock.uptime(), isAfterLook: false))
      } catch {
        // It stays claimed, and is tried again at the next look.
        source.hasRecovered = false
        source.newlyLeft.add(claim.name, error, .unreadable)
      }
    }
    return claimed
  }

  func drop(
    _ name: FileName, _ claim: ClaimFolder.Claim, _ status: FileStatus, quietSince: Duration, isAfterLook: Bool
  ) -> ClaimedDrop {
    ClaimedDrop(
      folder: claim.folder, claimedAs: claim.name, name: name,
      original: droppedName(of: name, isAfterLook: isAfterLook),
      status: status, isKnownClosed: false, quietSince: quietSince, history: nil)
  }

  // MARK: Settling

  fileprivate func settle(_ settled: [Settled]) {
    for settled in settled {
      let drop = settled.drop
      switch settled.end {
      case .removed, .setAside:
        letGo(of: drop)
      case .unsettled(.vanished):
        claims.forget(drop.claim)
        logger.error(
          "a drop has vanished after it was claimed; somebody else must have removed it",
          metadata: ["inbox": "\(options.name)", "file": "\(drop.original.text)", "folder": "\(drop.folder.path)"])
      case .unsettled(let why): hold(drop, why)
      case .unfinished, .changed: _ = putBack(drop)
      case .hindered(let failure): putBackAndLeaveAlone(drop, failure)
      case .noRoom(let size): putBackForRoom(drop, size)
      }
    }
  }

  /// Cleans up after a file that is no longer claimed.
  func letGo(of drop: ClaimedDrop) {
    if !held.isEmpty { held[drop.name] = nil }
    source.leftAlone.remove(drop.name)
    claims.forget(drop.claim)
    removeMarker(of: drop)
    removeReports(of: drop)
  }

  /// - Returns: Its present name.
  func putBack(_ drop: ClaimedDrop) -> FileName? {
    guard let name = source.putBack(drop.name, drop.claim) else { return nil }
    noteName(of: drop, putBackAs: name)
    return name
  }

  /// Puts back a file that there is no room for, and remembers how much it needs: it is read again once there is that
  /// much.
  private func putBackForRoom(_ drop: ClaimedDrop, _ size: Int) {
    source.hasLeftForRoom = true
    guard let name = putBack(drop), let status = (try? folder.status(of: name)) ?? nil else { return }
    source.readiness.carry(name, status, quietSince: drop.quietSince)
    source.shortages.note(name, status, needs: size)
    count(.noRoom, InboxScan.Entry(name: name, status: status))
  }

  func putBackAndLeaveAlone(_ drop: ClaimedDrop, _ failure: FileFailure, _ kind: NewlyLeft.Kind = .unreadable) {
    let name = putBack(drop) ?? drop.name
    _ = source.carry(drop, putBackAs: name)
    source.leaveAlone(name, failure, kind)
    count(.unreadable, InboxScan.Entry(name: name, status: drop.status))
  }
}
