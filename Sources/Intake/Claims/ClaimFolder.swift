internal import DurableFiles
internal import Logging
internal import SystemPackage

/// Where unfinished files are after being taken out of a folder: nobody else can reach them there by name.
///
/// It is in `state/`, or, if that is another file system than the folder's, hidden in the folder itself, because a
/// claim is a rename, which cannot leave its file system. If there is no room even for that folder, the file gets a
/// hidden name where it is.
final class ClaimFolder {
  let source: Folder
  let state: Folder
  let path: [FileName]
  /// Its folder in `state/`; nil while it is not open.
  var primary: Folder?
  let local: LocalClaims
  private var isPrimaryReachable: Bool
  private let mode: UInt32
  /// The ending of marker files, which show that others are complete, if there are any.
  let marker: String?
  /// Files claimed in place, by their names there.
  private(set) var inPlace: [FileName: FileName] = [:]
  /// Whether there is a marker that has lost its file and cannot be moved or removed.
  var hasStuckMarkers = false
  /// The prefix of its own names in the folder itself.
  static let localPrefix = ".eventdrop-claim"
  private static let inPlacePrefix = ".eventdrop-claim~"

  /// Opens the claims of a folder; if they cannot be in `state/`, their folder is created now, before it runs out of
  /// room.
  ///
  /// - Parameters:
  ///   - source: The folder.
  ///   - state: The folder `state/`.
  ///   - path: The path from there, folder by folder; created with the first claim.
  ///   - mode: The permissions of created folders.
  ///   - marker: The ending of markers, which move with their files.
  ///   - logger: For messages to the operator.
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

  /// Whether they are in the folder itself, and nothing in `state/` leads to them.
  var isLocal: Bool { !isPrimaryReachable }

  /// Where a claimed file is.
  struct Claim {
    var folder: Folder
    var name: FileName
  }

  /// Takes a file out of its folder, with its marker: that does not apply to the next file of this name.
  ///
  /// - Parameters:
  ///   - name: The file.
  ///   - ownMarker: Its marker's name, if that is not just the file's plus the ending.
  /// - Returns: Where it is now; nil if it is gone, or if a file of the same name is still being worked on.
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
        // Somebody has removed it: it is created again.
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
    /// The file is gone, or another of its name is being worked on.
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
          // Something that was never claimed is in the way, or a file is still being worked on.
          if there.kind == .folder { continue }
          return .notThere
        }
        // If a server's first reply was lost, its second says that what it has done cannot be done.
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

  /// The prefix for files claimed in place by processes with this `state/`, so that nobody else takes them for their
  /// own.
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

  /// Puts back what an earlier run with this `state/` claimed in place.
  ///
  /// - Throws: `FileFailure`.
  func putBackInPlace(_ names: [FileName]) throws(FileFailure) {
    for name in names where inPlace[name] == nil && name.hasPrefix(ownInPlacePrefix) {
      if let marker, name.hasSuffix(marker) { continue }
      guard let original = Self.originalName(of: name) else { continue }
      try putBack(original, Claim(folder: source, name: name))
    }
  }

  /// The same for all of them, if nothing is being worked on.
  ///
  /// - Throws: `FileFailure`.
  func putBackAllInPlace() throws(FileFailure) {
    inPlace = [:]
    // There may be a million other files.
    var names: [FileName] = []
    try source.forEachEntry { name, _ in if name.hasPrefix(Self.inPlacePrefix) { names.append(name) } }
    try putBackInPlace(names)
  }

  // MARK: Putting back

  /// Puts a claimed file back under its name, or, if that has been taken since, under the next free one.
  ///
  /// - Returns: Its present name; nil if it was gone.
  /// - Throws: `FileFailure`; the file is then still claimed.
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

  /// The claimed file is finished.
  func forget(_ claim: Claim) {
    if !inPlace.isEmpty { inPlace[claim.name] = nil }
  }
}
