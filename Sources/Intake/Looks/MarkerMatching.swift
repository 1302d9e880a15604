internal import DurableFiles

/// Brings files together with markers that are written in other letters than theirs would be.
struct MarkerMatching {
  /// The markers whose names are not simply the file's and the ending, by the files that they are for.
  private(set) var other: [FileName: FileName] = [:]
  /// Names with the marker's ending in any case that no file has asked for yet; bounded.
  private var lonely: [FileName] = []
  /// Files without a marker in their very letters; bounded.
  private var without: [OldestFiles.Entry] = []

  mutating func add(_ marker: FileName) {
    if lonely.count < InboxScan.oddLimit { lonely.append(marker) }
  }

  /// - Returns: Whether it is kept in mind; not where there are too many.
  mutating func add(_ file: OldestFiles.Entry) -> Bool {
    guard without.count < InboxScan.oddLimit else { return false }
    without.append(file)
    return true
  }

  /// Finds the markers of the files that have none in their very letters.
  ///
  /// - Parameters:
  ///   - ending: What is appended to a file's name for its marker.
  ///   - folder: Where they lie.
  /// - Returns: Those files; `other` has the markers of those that have one.
  mutating func match(ending: String, in folder: Folder) -> [OldestFiles.Entry] {
    guard !without.isEmpty else { return [] }
    defer { without = [] }
    let files = Set(without.map(\.name))
    var candidates: [FileName: FileName] = [:]
    for name in lonely {
      guard let file = FileName(bytes: name.bytes.dropLast(ending.utf8.count)) else { continue }
      if !files.contains(file), ((try? folder.status(of: file)) ?? nil) != nil { continue }
      // A marker in the very letters of a file is that file's.
      candidates[files.contains(file) ? file : file.lowerCased] = name
    }
    for file in without { other[file.name] = candidates[file.name] ?? candidates[file.name.lowerCased] }
    return without
  }

  /// Gives away the markers whose files are not there, or not any more.
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
