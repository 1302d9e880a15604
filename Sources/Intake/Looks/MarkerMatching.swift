internal import DurableFiles

/// Matches files with markers whose case differs from theirs.
struct MarkerMatching {
  /// The markers whose names are not just the file's plus the ending, by file.
  private(set) var other: [FileName: FileName] = [:]
  /// Names with the marker's ending in any case that no file has claimed yet; bounded.
  private var lonely: [FileName] = []
  /// Files without an exact marker; bounded.
  private var without: [OldestFiles.Entry] = []

  mutating func add(_ marker: FileName) {
    if lonely.count < InboxScan.oddLimit { lonely.append(marker) }
  }

  /// - Returns: Whether it is remembered; false if there are too many.
  mutating func add(_ file: OldestFiles.Entry) -> Bool {
    guard without.count < InboxScan.oddLimit else { return false }
    without.append(file)
    return true
  }

  /// Finds the markers of the files without an exact one.
  ///
  /// - Parameters:
  ///   - ending: The ending appended to a file's name for its marker.
  ///   - folder: Their folder.
  /// - Returns: Those files; `other` has the markers of those that have one.
  mutating func match(ending: String, in folder: Folder) -> [OldestFiles.Entry] {
    guard !without.isEmpty else { return [] }
    defer { without = [] }
    let files = Set(without.map(\.name))
    var candidates: [FileName: FileName] = [:]
    for name in lonely {
      guard let file = FileName(bytes: name.bytes.dropLast(ending.utf8.count)) else { continue }
      if !files.contains(file), ((try? folder.status(of: file)) ?? nil) != nil { continue }
      // An exact marker belongs to that file.
      candidates[files.contains(file) ? file : file.lowerCased] = name
    }
    for file in without { other[file.name] = candidates[file.name] ?? candidates[file.name.lowerCased] }
    return without
  }

  /// Returns the markers whose files do not exist, or no longer.
  mutating func takeUseless(ending: String, in folder: Folder) -> [FileName] {
    defer { lonely = [] }
    let used = Set(other.values)
    return lonely.filter { name in
      guard !used.contains(name), let file = FileName(bytes: name.bytes.dropLast(ending.utf8.count)) else {
        return false
      }
      return ((try? folder.status(of: file)) ?? nil) == nil
    }
  }
}
