internal import DurableFiles
internal import SystemPackage

/// Where files are that were taken out of a folder and are not done with: nobody else can reach them there by name.
///
/// It lies in `state/`; where that is another file system than the folder's, hidden in the folder itself, for a claim is a
/// rename and a rename cannot leave its file system.
final class ClaimFolder {
  private let source: Folder
  private let primary: Folder
  private var local: Folder?
  private var isPrimaryReachable = true
  private let mode: UInt32
  /// The ending of the files that say of others that they are complete, where there are such.
  private let marker: String?
  private static let localName = FileName(".eventdrop-claims")

  /// Opens the claims of a folder.
  ///
  /// - Parameters:
  ///   - source: The folder.
  ///   - state: The folder `state/`.
  ///   - path: The way from there, folder by folder; made where it is missing.
  ///   - mode: The permissions of folders that are made.
  ///   - marker: The ending of markers, which come and go with their files.
  /// - Throws: `FileFailure`.
  init(
    of source: Folder, in state: Folder, at path: [String], mode: UInt32, marker: String? = nil
  ) throws(FileFailure) {
    self.source = source
    self.mode = mode
    self.marker = marker
    var folder = state
    for name in path { folder = try folder.folder(FileName(name), makingWithMode: mode) }
    primary = folder
    do {
      local = try source.folder(Self.localName)
    } catch  where error.meansNoFolderOfOurs {
      local = nil
    }
  }

  /// Takes a file out of its folder, with its marker: that says nothing of the next file of this name.
  ///
  /// - Returns: The folder in which it is now, under its name; nil where it is gone, or where a file of the same name is
  ///   still being worked on.
  /// - Throws: `FileFailure`.
  func claim(_ name: FileName) throws(FileFailure) -> Folder? {
    guard let folder = try claimFile(name) else { return nil }
    if let marker = name.marker(marker) {
      do throws(FileFailure) {
        if try source.rename(marker, to: folder, as: marker) == .nameTaken { try source.remove(marker) }
      } catch {
        try putBack(name, from: folder)
        throw error
      }
    }
    return folder
  }

  private func claimFile(_ name: FileName) throws(FileFailure) -> Folder? {
    if isPrimaryReachable {
      switch try source.rename(name, to: primary, as: name) {
      case .done: return primary
      case .nameTaken, .missing:
        // A server that was asked twice, because its first answer was lost, says of what it has done that it cannot be done.
        guard try source.status(of: name) == nil, try primary.status(of: name) != nil else { return nil }
        return primary
      case .otherFileSystem: isPrimaryReachable = false
      }
    }
    let folder: Folder
    if let local {
      folder = local
    } else {
      folder = try source.folder(Self.localName, makingWithMode: mode)
      local = folder
    }
    return try source.rename(name, to: folder, as: name) == .done ? folder : nil
  }

  /// Puts a claimed file back, under its name, or where that has been taken since, under the next free one.
  ///
  /// - Throws: `FileFailure`; it is then still claimed.
  func putBack(_ name: FileName, from folder: Folder) throws(FileFailure) {
    let names = AlternativeNames(name)
    for number in 1... {
      let candidate = names.candidate(number)
      switch try folder.rename(name, to: source, as: candidate) {
      case .done:
        if let marker = name.marker(marker), let wanted = candidate.marker(self.marker) {
          _ = try folder.rename(marker, to: source, as: wanted)
        }
        return
      case .missing: return
      case .nameTaken: continue
      case .otherFileSystem: throw FileFailure("put back", folder.pathText(of: name), .improperLink)
      }
    }
  }

  /// The files that are claimed: at the start, those of a run that was cut off.
  ///
  /// - Throws: `FileFailure`.
  func claimed() throws(FileFailure) -> [(folder: Folder, name: FileName)] {
    var claimed: [(folder: Folder, name: FileName)] = []
    for folder in [primary] + (local.map { [$0] } ?? []) {
      var files: [FileName] = []
      var markers: Set<FileName> = []
      for name in try folder.names() where try folder.status(of: name)?.kind != .folder {
        if let marker, name.hasSuffix(marker) { markers.insert(name) } else { files.append(name) }
      }
      try join(files, markers, in: folder)
      claimed += files.map { (folder, $0) }
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
      guard let name, try source.status(of: name) != nil, try folder.rename(marker, to: source, as: marker) == .done
      else {
        try folder.remove(marker)
        continue
      }
    }
  }
}

extension FileFailure {
  /// Whether there is no folder, or something else in its place that somebody has put there.
  fileprivate var meansNoFolderOfOurs: Bool {
    [.noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels, .permissionDenied].contains(errno)
  }
}
