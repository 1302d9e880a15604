internal import DurableFiles
internal import Logging
internal import SystemPackage

/// Where files are that were taken out of a folder and are not done with: nobody else can reach them there by name.
///
/// It lies in `state/`; where that is another file system than the folder's, hidden in the folder itself, for a claim is a
/// rename and a rename cannot leave its file system. Where there is no room even for that folder, the file gets a hidden name
/// where it is.
final class ClaimFolder {
  let source: Folder
  let state: Folder
  let path: [FileName]
  /// Its folder in `state/`; nil as long as it is not open.
  var primary: Folder?
  let local: LocalClaims
  private var isPrimaryReachable: Bool
  private let mode: UInt32
  /// The ending of the files that say of others that they are complete, where there are such.
  let marker: String?
  /// Files that were claimed where they lay, by their names there.
  private(set) var inPlace: [FileName: FileName] = [:]
  /// Whether a marker lies there that has lost its file and cannot be moved or removed.
  var hasStuckMarkers = false
  /// What the names of its own begin with in the folder itself.
  static let localPrefix = ".eventdrop-claim"
  private static let inPlacePrefix = ".eventdrop-claim~"

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
    local = LocalClaims(in: source, of: state, logger: logger)
    let device = try? state.status().device
    isPrimaryReachable = device == (try? source.status().device) && source.sharesMount(with: state)
    primary = try? self.path.reduce(state) { folder, name throws(FileFailure) in try folder.folder(name) }
    _ = try? local.open(making: !isPrimaryReachable)
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
        // Somebody has removed it: it is made again.
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
        guard let opened = try local.open(making: true) else { break }
        folder = opened
      } catch  where error.errno == .noSpace || error.errno == .diskQuotaExceeded {
        break
      }
      switch try move(name, to: folder) {
      case .done(let claim): return claim
      case .notThere: return nil
      case .otherFileSystem, .folderIsGone: local.forget()
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

  private lazy var ownInPlacePrefix = Self.inPlacePrefix(of: state)

  /// What the names of files begin with that are claimed in place by processes with this `state/`, so that nobody else takes
  /// them for its own.
  static func inPlacePrefix(of state: Folder) -> String {
    let status = try? state.status()
    let tag = String((status?.inode ?? 0) &* 0x9E37_79B9_7F4A_7C15 ^ (status?.device ?? 0), radix: 36)
    return "\(inPlacePrefix)\(tag)~"
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
}
