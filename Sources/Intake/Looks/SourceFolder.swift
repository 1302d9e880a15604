internal import DurableFiles
internal import EventStore
internal import Events
internal import Time

/// A folder that drops are claimed from and put back into: its claims, and what is remembered of its files from look to
/// look.
final class SourceFolder {
  let folder: Folder
  let claims: ClaimFolder
  let clock: any WallClock
  var readiness: Readiness
  /// Files that cannot be opened or moved.
  var leftAlone = FilesLeftAlone()
  /// Those of them that are new at this look.
  var newlyLeft = NewlyLeft()
  /// What there was no room for.
  var shortages = RoomShortages()
  /// Whether something was left for that reason at this look.
  var hasLeftForRoom = false
  /// Whether every claim is being worked on.
  var hasRecovered = false

  /// - Parameters:
  ///   - folder: The folder.
  ///   - claims: Where its claimed files are.
  ///   - settle: How long a file must have been unchanged.
  ///   - clock: The clock.
  init(_ folder: Folder, claims: ClaimFolder, settle: Duration, clock: any WallClock) {
    self.folder = folder
    self.claims = claims
    self.clock = clock
    readiness = Readiness(settle: settle)
  }

  /// Whether only this kernel can change the files.
  var isLocal: Bool { readiness.isOfThisMachineAlone }

  /// Whether there is room for what a file is known to need; if not, it is noted that something was left.
  ///
  /// How much a file takes is known once it is read: its size is a number that costs its sender nothing.
  func hasRoom(for name: FileName, _ status: FileStatus, in room: inout Room) -> Bool {
    if room.take(forRecordOf: shortages.need(of: name, status)) { return true }
    hasLeftForRoom = true
    return false
  }

  // MARK: Claiming

  /// Claims a file, with its marker.
  ///
  /// - Returns: Where it is now; nil if it is gone, or another of its name is being worked on.
  /// - Throws: `FileFailure`; the file may be claimed nevertheless, and will be looked for among the claims.
  func claim(_ name: FileName, marker: FileName? = nil) throws(FileFailure) -> ClaimFolder.Claim? {
    do {
      let claim = try claims.claim(name, marker: marker)
      // Something of its name that nobody works on may be claimed.
      if claim == nil { hasRecovered = false }
      return claim
    } catch {
      // A rename reported as failed may have been done.
      hasRecovered = false
      throw error
    }
  }

  /// Puts a claimed file back.
  ///
  /// - Returns: Its present name; nil if it is gone, or still claimed.
  func putBack(_ name: FileName, _ claim: ClaimFolder.Claim) -> FileName? {
    do {
      return try claims.putBack(name, claim)
    } catch {
      // It stays claimed, and is taken up again from there.
      hasRecovered = false
      return nil
    }
  }

  /// Remembers how long a file that was put back has been quiet, if it is still that file.
  ///
  /// - Parameters:
  ///   - drop: The file.
  ///   - name: Its present name.
  /// - Returns: Its present status; nil if it is gone, or another file.
  func carry(_ drop: ClaimedDrop, putBackAs name: FileName) -> FileStatus? {
    guard let status = (try? folder.status(of: name)) ?? nil,
      status.hasSameContent(as: drop.status, hasFixedInodes: isLocal)
    else { return nil }
    readiness.carry(name, status, quietSince: drop.quietSince)
    return status
  }

  // MARK: Leaving alone

  /// Records why a file stays where it is: it is tried again once it has changed, and after growing pauses.
  func leaveAlone(_ name: FileName, _ failure: FileFailure, _ kind: NewlyLeft.Kind = .unreadable) {
    let status = (try? folder.status(of: name)) ?? nil
    if leftAlone.insert(name, status, at: clock.uptime()) { newlyLeft.add(name, failure, kind) }
  }
}
