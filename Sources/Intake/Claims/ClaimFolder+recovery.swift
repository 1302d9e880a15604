internal import DurableFiles

/// Claims of an earlier run.
extension ClaimFolder {
  /// The claimed files: at the start, those of an interrupted run.
  ///
  /// - Throws: `FileFailure`.
  func claimed() throws(FileFailure) -> [Claim] {
    var claimed: [Claim] = []
    hasStuckMarkers = false
    for folder in [primary, local.folder].compactMap({ $0 }) {
      var files: [FileName] = []
      var markers: Set<FileName> = []
      for name in try folder.names() where try folder.status(of: name)?.kind != .folder {
        if folder === local.folder, name == LocalClaims.lockName { continue }
        if let marker, name.hasSuffix(marker) { markers.insert(name) } else { files.append(name) }
      }
      try join(files, markers, in: folder)
      claimed += files.map { Claim(folder: folder, name: $0) }
    }
    return claimed
  }

  /// Reunites files with their markers, if a run was interrupted between the two.
  private func join(_ files: [FileName], _ markers: Set<FileName>, in folder: Folder) throws(FileFailure) {
    guard let ending = marker else { return }
    var lonely = markers
    for name in files {
      guard let marker = name.marker(ending), lonely.remove(marker) == nil else { continue }
      // Unless it belongs to the next file of this name.
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
        // It delays no file, and is tried again at the next look.
        guard !folder.isConcerned(by: error), (try? source.status()) != nil else { throw error }
        hasStuckMarkers = true
      }
    }
  }

  /// Removes its folder in `state/` if that is empty: its source no longer exists.
  func removeIfEmpty() {
    primary = nil
    guard let name = path.last else { return }
    let parent = try? path.dropLast().reduce(state) { folder, name throws(FileFailure) in try folder.folder(name) }
    try? parent?.removeFolder(name)
  }
}
