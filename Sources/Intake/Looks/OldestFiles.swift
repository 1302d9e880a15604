package import DurableFiles

/// The oldest of the files added to it, as many as fit in memory; once trimmed, oldest first.
///
/// A folder can hold millions, so none has separate memory: each takes the bytes of its name and 64 more.
package struct OldestFiles {
  /// A file in a folder.
  package struct Entry {
    package var name: FileName
    package var status: FileStatus

    package init(name: FileName, status: FileStatus) {
      self.name = name
      self.status = status
    }
  }

  private struct Packed {
    var status: FileStatus
    var name: PackedNames.Place
  }

  private var entries: [Packed] = []
  private var names = PackedNames()
  private let byteLimit: Int
  /// The newest one kept, once some were dropped.
  private var newest: Entry?

  /// - Parameter byteLimit: How much memory they may take; a quarter more while they are added.
  package init(byteLimit: Int) {
    self.byteLimit = byteLimit
  }

  /// Whether there were more than it has kept.
  package var hasLeftOut: Bool { newest != nil }

  package mutating func insert(_ entry: Entry) {
    if let newest, (newest.status.modified, newest.name) < (entry.status.modified, entry.name) { return }
    entries.append(Packed(status: entry.status, name: names.append(entry.name)))
    if byteCount > byteLimit + byteLimit / 4 { trim() }
  }

  /// Sorts them (mtime, then name), and drops the newest if there are too many.
  package mutating func trim() {
    let all = names
    entries.sort { left, right in
      let (leftTime, rightTime) = (left.status.modified, right.status.modified)
      return leftTime == rightTime ? all.precedes(left.name, right.name) : leftTime < rightTime
    }
    guard byteCount > byteLimit else { return }
    names = PackedNames()
    var kept = 0
    while kept < entries.count, byteCount(of: kept) < byteLimit {
      entries[kept].name = names.append(entries[kept].name, of: all)
      kept += 1
    }
    entries.removeSubrange(kept...)
    newest = last
  }

  private var byteCount: Int { byteCount(of: entries.count) }

  private func byteCount(of count: Int) -> Int { count * MemoryLayout<Packed>.stride + names.byteCount }
}

extension OldestFiles: RandomAccessCollection {
  package var startIndex: Int { entries.startIndex }
  package var endIndex: Int { entries.endIndex }

  package subscript(position: Int) -> Entry {
    Entry(name: names[entries[position].name], status: entries[position].status)
  }
}
