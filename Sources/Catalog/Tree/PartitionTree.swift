package import DurableFiles
package import Events
internal import SystemPackage
package import Time

/// The folder `processed/` with its partitions, one folder per day.
package final class PartitionTree {
  package let folder: Folder
  private let mode: UInt32
  private var open: [CalendarDate: (folder: Folder, status: FileStatus)] = [:]

  /// - Parameters:
  ///   - folder: The folder of partitions.
  ///   - mode: The permissions of created ones.
  package init(_ folder: Folder, mode: UInt32) {
    self.folder = folder
    self.mode = mode
  }

  /// The existing partitions, oldest first.
  ///
  /// - Throws: `FileFailure`.
  package func dates() throws(FileFailure) -> [CalendarDate] {
    var dates: [CalendarDate] = []
    try folder.forEachEntry { name, kind throws(FileFailure) in
      guard let date = CalendarDate(name.description) else { return }
      // If the file system does not give the kind, the entry is examined.
      let isFolder = if let kind { kind == .folder } else { try folder.status(of: name)?.kind == .folder }
      if isFolder { dates.append(date) }
    }
    return dates.sorted()
  }

  /// A partition; nil if it does not exist.
  ///
  /// - Throws: `FileFailure`.
  package func partition(_ date: CalendarDate) throws(FileFailure) -> Folder? {
    let name = FileName(date.description)
    if let known = open[date] {
      // A person may have moved the folder away, or replaced it, which an open descriptor does not show.
      guard let now = try folder.status(of: name) else {
        open[date] = nil
        return nil
      }
      if now.isSameFile(as: known.status) { return known.folder }
    }
    // Anything else of that name is not a partition: `dates` skips it too.
    guard try folder.status(of: name)?.kind == .folder, let partition = try folder.folderIfThere(name) else {
      return nil
    }
    try remember(partition, for: date)
    return partition
  }

  /// A partition to write to; its folder's name is on disk when this returns.
  ///
  /// - Throws: `FileFailure`.
  package func partition(making date: CalendarDate) throws(FileFailure) -> Folder {
    if let partition = try partition(date) { return partition }
    let partition = try folder.folder(FileName(date.description), makingWithMode: mode)
    try remember(partition, for: date)
    return partition
  }

  /// Closes the folder of a day, which has left the tree.
  package func forget(_ date: CalendarDate) {
    open[date] = nil
  }

  private func remember(_ partition: Folder, for date: CalendarDate) throws(FileFailure) {
    // A descriptor each: enough for the days in use, not for years.
    if open.count >= 16 { open.removeAll() }
    open[date] = (partition, try partition.status())
  }
}

extension EventKey {
  /// The name of the record, in its partition.
  package var recordName: FileName { FileName(fileName) }
}

extension FileName {
  /// The key of the record with this name, nil if it is not a record's name.
  package var recordKey: String? {
    guard hasSuffix(".json"), !hasPrefix("."), length > 5 else { return nil }
    return String(decoding: bytes.dropLast(5), as: UTF8.self)
  }
}
