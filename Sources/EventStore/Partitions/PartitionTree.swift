internal import DurableFiles
internal import Events
internal import SystemPackage
internal import Time

/// The folder `processed/` with its partitions, one folder a day.
final class PartitionTree {
  let folder: Folder
  private let mode: UInt32
  private var open: [CalendarDate: (folder: Folder, status: FileStatus)] = [:]

  init(_ folder: Folder, mode: UInt32) {
    self.folder = folder
    self.mode = mode
  }

  /// The partitions that there are, oldest first.
  ///
  /// - Throws: `FileFailure`.
  func dates() throws(FileFailure) -> [CalendarDate] {
    var dates: [CalendarDate] = []
    try folder.forEachEntry { name, kind throws(FileFailure) in
      guard let date = CalendarDate(name.description) else { return }
      // A file system that does not tell the kind is asked.
      let isFolder = if let kind { kind == .folder } else { try folder.status(of: name)?.kind == .folder }
      if isFolder { dates.append(date) }
    }
    return dates.sorted()
  }

  /// A partition that is there; nil where it is not.
  ///
  /// - Throws: `FileFailure`.
  func partition(_ date: CalendarDate) throws(FileFailure) -> Folder? {
    let name = FileName(date.description)
    if let known = open[date] {
      // A person may have moved the folder away, or put another in its place, and what is open would not tell.
      guard let now = try folder.status(of: name) else {
        open[date] = nil
        return nil
      }
      if now.isSameFile(as: known.status) { return known.folder }
    }
    // Whatever else has its name is no partition: `dates` passes it over too.
    guard try folder.status(of: name)?.kind == .folder, let partition = try folder.folderIfThere(name) else {
      return nil
    }
    try remember(partition, for: date)
    return partition
  }

  /// A partition to write into; its folder's name is on disk when this returns.
  ///
  /// - Throws: `FileFailure`.
  func partition(making date: CalendarDate) throws(FileFailure) -> Folder {
    if let partition = try partition(date) { return partition }
    let partition = try folder.folder(FileName(date.description), makingWithMode: mode)
    try remember(partition, for: date)
    return partition
  }

  func forget(_ date: CalendarDate) {
    open[date] = nil
  }

  private func remember(_ partition: Folder, for date: CalendarDate) throws(FileFailure) {
    // A descriptor each: enough for the days on which things happen, not for years.
    if open.count >= 16 { open.removeAll() }
    open[date] = (partition, try partition.status())
  }
}

extension EventKey {
  var recordName: FileName { FileName(fileName) }
}

extension FileName {
  /// The key of the record that has this name, nil where it is no record's name.
  var recordKey: String? {
    guard hasSuffix(".json"), !hasPrefix("."), length > 5 else { return nil }
    return String(decoding: bytes.dropLast(5), as: UTF8.self)
  }
}
