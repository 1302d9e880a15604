internal import DurableFiles
internal import Logging
internal import SystemPackage

/// Where files are that were taken out of a folder and are not done with: nobody else can reach them there by name.
///
/// It lies in `state/`; where that is another file system than the folder's, hidden in the folder itself, for a claim is a
/// rename and a rename cannot leave its file system. Where there is no room even for that folder, the file gets a hidden name
/// where it is.
final class ClaimFolder {
  private let source: Folder
  private let state: Folder
  private let path: [FileName]
  private var primary: Folder?
  private var local: Folder?
  /// Keeps others from the folder in the source; nil where an earlier owner in this process still has it.
  private var localLock: FileLock?
  private var isPrimaryReachable: Bool
  private let mode: UInt32
  /// The ending of the files that say of others that they are complete, where there are such.
  private let marker: String?
  private let logger: Logger
  /// Files that were claimed where they lay, by their names there.
  private var inPlace: [FileName: FileName] = [:]
  private var refused: Set<FileName> = []
  /// Whether a marker lies there that has lost its file and cannot be moved or removed.
  private(set) var hasStuckMarkers = false
  /// What the names of its own begin with in the folder itself.
  static let localPrefix = ".eventdrop-claim"
  private static let localName = FileName(".eventdrop-claims")
  private static let inPlacePrefix = ".eventdrop-claim~"
  /// A folder of claims is nobody else's business, whatever mode other folders have.
  private static let localMode: UInt32 = 0o700

  /// Opens the claims of a folder; where they cannot lie in `state/`, their folder is made now, before there is no room for it.
  ///
  /// - Parameters:
  ///   - source: The folder.
  ///   - state: The folder `state/`.
  ///   - path: The way from there, folder by folder; made once something is claimed.
  ///   - mode: The permissions of folders that are made.
  ///   - marker: The ending of markers, which come and go with their files.
  ///   - logger: What is told to the operator.
  init(of source: Folder, in state: Folder, at path: [String], mode: UInt32, marker: String? = nil, logger: Logger) {
    self.source = source
    self.state = state
    self.path = path.map { FileName($0) }
    self.mode = mode
    self.marker = marker
    self.logger = logger
    let device = try? state.status().device
    isPrimaryReachable = device == (try? source.status().device) && source.sharesMount(with: state)
    primary = try? self.path.reduce(state) { folder, name throws(FileFailure) in try folder.folder(name) }
    local = try? openLocal(making: !isPrimaryReachable)
  }

  /// Whether they lie in the folder itself, where nothing in `state/` leads to them.
  var isLocal: Bool { !isPrimaryReachable }

  /// Where a claimed file is.
  struct Claim {
    var folder: Folder
    var name: FileName
  }

  /// Takes a file out of its folder, with its marker: that says nothing of the next file of this name.
  ///
  /// - Parameters:
  ///   - name: The file.
  ///   - ownMarker: Its marker's name, where that is not simply the file's and the ending.
  /// - Returns: Where it is now; nil where it is gone, or where a file of the same name is still being worked on.
  /// - Throws: `FileFailure`.
  func claim(_ name: FileName, marker ownMarker: FileName? = nil) throws(FileFailure) -> Claim? {
    guard let claim = try claimFile(name) else { return nil }
    if let marker = name.marker(marker), let target = claim.name.marker(self.marker) {
      do throws(FileFailure) {
        let given = ownMarker ?? marker
        // Nothing else is a marker.
        guard try source.status(of: given)?.kind == .regular else { return claim }
        if try source.rename(given, to: claim.folder, as: target, isClosed: true) == .nameTaken {
          try source.remove(given)
        }
      } catch {
        try putBack(name, claim)
        throw error
      }
    }
    return claim
  }

  private func claimFile(_ name: FileName) throws(FileFailure) -> Claim? {
    if isPrimaryReachable {
      switch try move(name, to: try openPrimary()) {
      case .done(let claim): return claim
      case .notThere: return nil
      case .otherFileSystem: isPrimaryReachable = false
      case .folderIsGone:
        // Somebody has removed it: it is made anew.
        primary = nil
        switch try move(name, to: try openPrimary()) {
        case .done(let claim): return claim
        case .notThere: return nil
        case .otherFileSystem: isPrimaryReachable = false
        case .folderIsGone: throw FileFailure("move", source.pathText(of: name), .noSuchFileOrDirectory)
        }
      }
    }
    for _ in 0..<2 {
      let folder: Folder
      do {
        guard let opened = try openLocal(making: true) else { break }
        folder = opened
      } catch  where error.errno == .noSpace || error.errno == .diskQuotaExceeded {
        break
      }
      switch try move(name, to: folder) {
      case .done(let claim): return claim
      case .notThere: return nil
      case .otherFileSystem, .folderIsGone: local = nil
      }
    }
    return try claimInPlace(name)
  }

  private enum Outcome {
    case done(Claim)
    /// The file is gone, or one of its name is being worked on.
    case notThere
    case otherFileSystem
    case folderIsGone
  }

  private func move(_ name: FileName, to folder: Folder) throws(FileFailure) -> Outcome {
    let names = AlternativeNames(name)
    for number in 1... {
      let candidate = number == 1 ? name : names.candidate(number)
      switch try source.rename(name, to: folder, as: candidate, isClosed: true) {
      case .done: return .done(Claim(folder: folder, name: candidate))
      case .otherFileSystem: return .otherFileSystem
      case .missing, .nameTaken:
        let there = try folder.status(of: candidate)
        guard try source.status(of: name) == nil else {
          guard let there else { return .folderIsGone }
          // Something that was never claimed lies in the way; a file is still being worked on.
          if there.kind == .folder { continue }
          return .notThere
        }
        // A server that was asked twice, because its first answer was lost, says of what it has done that it cannot be done.
        return there == nil ? .notThere : .done(Claim(folder: folder, name: candidate))
      }
    }
    return .notThere
  }

  private func openPrimary() throws(FileFailure) -> Folder {
    if let primary { return primary }
    var folder = state
    for name in path { folder = try folder.folder(name, makingWithMode: mode) }
    primary = folder
    return folder
  }

  // MARK: In the folder itself

  /// Opens the folder of claims in the folder itself: only one that is ours, and closed to others.
  ///
  /// What somebody else has put there under that name could be emptied by them, or filled.
  private func openLocal(making: Bool) throws(FileFailure) -> Folder? {
    if let local { return local }
    let names = AlternativeNames(Self.localName)
    var others: [(name: FileName, status: FileStatus)] = []
    for number in 1...20 {
      let candidate = names.candidate(number)
      if let status = try source.status(of: candidate) {
        if status.kind == .folder {
          if status.isOursAlone {
            switch try ownership(of: try source.folder(candidate)) {
            case .ours(let folder): return folder
            case .others(let owner):
              tellOwner(candidate, owner)
              continue
            }
          }
          others.append((candidate, status))
        }
        tellRefused(candidate)
        continue
      }
      guard making else { return nil }
      let made = try source.folder(candidate, makingWithMode: Self.localMode)
      let status = try made.status()
      // Where even one that we have just made does not look like ours, owners and modes tell nothing there.
      if !status.isOursAlone,
        let earlier = others.first(where: { $0.status.owner == status.owner && $0.status.mode == status.mode })
      {
        try source.removeFolder(candidate)
        return try open(earlier.name)
      }
      switch try ownership(of: made) {
      case .ours(let folder): return folder
      case .others(let owner): tellOwner(candidate, owner)
      }
    }
    throw FileFailure("make a folder of claims in", source.path.string, .fileExists)
  }

  private func open(_ name: FileName) throws(FileFailure) -> Folder {
    let folder = try source.folder(name)
    local = folder
    return folder
  }

  private enum Ownership {
    case ours(Folder)
    case others(String)
  }

  static let lockName = FileName("lock")

  /// The `state/` that a folder of claims says that it belongs to; nil if it says nothing.
  static func owner(of claims: Folder) throws(FileFailure) -> String? {
    let text = try claims.read(lockName, limit: 1 << 16).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return text.split(separator: "\n").dropFirst().first.map(String.init)
  }

  /// Whether a folder of claims is this eventdrop's: what another one has claimed is never taken up.
  ///
  /// Its lock names the `state/` that it belongs to, and is held by the process that works there.
  private func ownership(of folder: Folder) throws(FileFailure) -> Ownership {
    let own = state.path.string
    let named = try Self.owner(of: folder)
    let isFree = !FileLock.isHeld(Self.lockName, in: folder)
    let holder = FileLock.holder(Self.lockName, in: folder)
    if let named, named != own {
      // That of a folder that is not there any more belongs to nobody.
      let isThere = (try? Folder(at: FilePath(named), files: source.files)) != nil
      guard isFree, !isThere else { return .others(named) }
    }
    do {
      localLock = try FileLock.take(
        Self.lockName, in: folder, mode: 0o600, processID: ProcessLimits.processID, note: own)
    } catch {
      switch error {
      // Some network file systems have no locks: there, owner and note have to do.
      case .failed(let failure): guard failure.operation == "lock" else { throw failure }
      case .held: guard named == own, holder == ProcessLimits.processID else { return .others(named ?? "unknown") }
      }
    }
    local = folder
    return .ours(folder)
  }

  private func tellOwner(_ name: FileName, _ owner: String) {
    guard refused.insert(name).inserted else { return }
    logger.warning(
      "another eventdrop works on this folder and has its claims here; another folder is used for ours",
      metadata: ["path": "\(source.pathText(of: name))", "state": "\(owner)"])
  }

  private func tellRefused(_ name: FileName) {
    guard refused.insert(name).inserted else { return }
    logger.warning(
      "a folder has the name of eventdrop's own claims and is not its own, or is open to others; another one is used",
      metadata: ["path": "\(source.pathText(of: name))"])
  }

  private lazy var ownInPlacePrefix = Self.inPlacePrefix(of: state)

  /// What the names of files begin with that are claimed in place by processes with this `state/`, so that nobody else takes
  /// them for its own.
  static func inPlacePrefix(of state: Folder) -> String {
    let status = try? state.status()
    let tag = String((status?.inode ?? 0) &* 0x9E37_79B9_7F4A_7C15 ^ (status?.device ?? 0), radix: 36)
    return "\(inPlacePrefix)\(tag)~"
  }

  /// Counts what is claimed within the folder itself at this moment.
  ///
  /// - Parameter inbox: The folder's inbox.
  /// - Returns: How many, and the oldest; nil if nothing is.
  func countLocal(of inbox: String) -> ClaimedFiles? {
    var found: ClaimedFiles?
    if let local {
      found = (try? ClaimCensus.count(in: local, of: inbox, marker: marker, besides: Self.lockName)) ?? nil
    }
    for name in inPlace.keys {
      guard let status = (try? source.status(of: name)) ?? nil else { continue }
      found = ClaimCensus.sum(found, ClaimedFiles(name, status, of: inbox))
    }
    return found
  }

  /// A rename within a folder needs no room.
  private func claimInPlace(_ name: FileName) throws(FileFailure) -> Claim? {
    guard let hidden = FileName(bytes: Array(ownInPlacePrefix.utf8) + name.bytes) else { return nil }
    switch try source.rename(name, to: source, as: hidden) {
    case .done:
      inPlace[hidden] = name
      return Claim(folder: source, name: hidden)
    case .missing, .nameTaken, .otherFileSystem: return nil
    }
  }

  /// The name of a file before it was claimed in place; nil for any other name.
  static func originalName(of name: FileName) -> FileName? {
    guard name.hasPrefix(inPlacePrefix) else { return nil }
    let rest = name.bytes.dropFirst(inPlacePrefix.utf8.count)
    guard let end = rest.firstIndex(of: UInt8(ascii: "~")) else { return nil }
    return FileName(bytes: rest[(end + 1)...])
  }

  /// Puts back what an earlier run has claimed in place, where it was one with this `state/`.
  ///
  /// - Throws: `FileFailure`.
  func putBackInPlace(_ names: [FileName]) throws(FileFailure) {
    for name in names where inPlace[name] == nil && name.hasPrefix(ownInPlacePrefix) {
      if let marker, name.hasSuffix(marker) { continue }
      guard let original = Self.originalName(of: name) else { continue }
      try putBack(original, Claim(folder: source, name: name))
    }
  }

  /// The same for all of them, where nothing is being worked on.
  ///
  /// - Throws: `FileFailure`.
  func putBackAllInPlace() throws(FileFailure) {
    inPlace = [:]
    // There may be a million others.
    var names: [FileName] = []
    try source.forEachEntry { name, _ in if name.hasPrefix(Self.inPlacePrefix) { names.append(name) } }
    try putBackInPlace(names)
  }

  // MARK: Putting back

  /// Puts a claimed file back, under its name, or where that has been taken since, under the next free one.
  ///
  /// - Returns: The name that it has; nil where it was gone.
  /// - Throws: `FileFailure`; it is then still claimed.
  @discardableResult
  func putBack(_ name: FileName, _ claim: Claim) throws(FileFailure) -> FileName? {
    let names = AlternativeNames(name)
    for number in 1... {
      let candidate = number == 1 ? name : names.candidate(number)
      switch try claim.folder.rename(claim.name, to: source, as: candidate) {
      case .done:
        inPlace[claim.name] = nil
        if let marker = claim.name.marker(marker), let wanted = candidate.marker(self.marker) {
          _ = try claim.folder.rename(marker, to: source, as: wanted)
        }
        return candidate
      case .missing: return nil
      case .nameTaken: continue
      case .otherFileSystem: throw FileFailure("put back", claim.folder.pathText(of: claim.name), .improperLink)
      }
    }
    return nil
  }

  /// The claimed file is done with.
  func forget(_ claim: Claim) {
    if !inPlace.isEmpty { inPlace[claim.name] = nil }
  }

  /// The files that are claimed: at the start, those of a run that was cut off.
  ///
  /// - Throws: `FileFailure`.
  func claimed() throws(FileFailure) -> [Claim] {
    var claimed: [Claim] = []
    hasStuckMarkers = false
    for folder in [primary, local].compactMap({ $0 }) {
      var files: [FileName] = []
      var markers: Set<FileName> = []
      for name in try folder.names() where try folder.status(of: name)?.kind != .folder {
        if folder === local, name == Self.lockName { continue }
        if let marker, name.hasSuffix(marker) { markers.insert(name) } else { files.append(name) }
      }
      try join(files, markers, in: folder)
      claimed += files.map { Claim(folder: folder, name: $0) }
    }
    return claimed
  }

  /// Brings files and their markers together again, where a run was cut off between the two.
  private func join(_ files: [FileName], _ markers: Set<FileName>, in folder: Folder) throws(FileFailure) {
    guard let ending = marker else { return }
    var lonely = markers
    for name in files {
      guard let marker = name.marker(ending), lonely.remove(marker) == nil else { continue }
      // Unless it is that of the next file of this name.
      if try source.status(of: name) == nil { _ = try source.rename(marker, to: folder, as: marker) }
    }
    for marker in lonely {
      let name = FileName(bytes: marker.bytes.dropLast(ending.utf8.count))
      do throws(FileFailure) {
        guard let name, try source.status(of: name) != nil, try folder.rename(marker, to: source, as: marker) == .done
        else {
          try folder.remove(marker)
          continue
        }
      } catch {
        // It holds up no file, and is tried again with the next look.
        guard !folder.isConcerned(by: error), (try? source.status()) != nil else { throw error }
        hasStuckMarkers = true
      }
    }
  }

  /// Whether its folder in the source, if it has one, still lies there; if not, what is in it is to be put back.
  var isInPlace: Bool {
    guard let local, let status = try? local.status() else { return true }
    let names = AlternativeNames(Self.localName)
    for number in 1...20 {
      guard let there = (try? source.status(of: names.candidate(number))) ?? nil else { continue }
      if there.isSameFile(as: status) { return true }
    }
    return false
  }

  /// Lets go of the folder in the source.
  func closeLocal() {
    local = nil
    localLock = nil
  }

  /// Removes its folder in `state/` where nothing is in it: what it was for is not there any more.
  func removeIfEmpty() {
    primary = nil
    guard let name = path.last else { return }
    let parent = try? path.dropLast().reduce(state) { folder, name throws(FileFailure) in try folder.folder(name) }
    try? parent?.removeFolder(name)
  }
}

extension FileStatus {
  /// Whether it is this process's own, and nobody else may make or remove names in it.
  fileprivate var isOursAlone: Bool { owner == ProcessLimits.user && mode & 0o022 == 0 }
}
