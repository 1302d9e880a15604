internal import Glibc

/// What the system knows about a file, from fstat(2).
package struct FileStatus: Hashable, Sendable {
  package enum Kind: Sendable {
    case regular, folder, symbolicLink, pipe, socket
    /// A device.
    case other
  }

  package var size: Int
  /// When its content last changed, in nanoseconds since 1970.
  package var modified: Int64
  /// When anything about it last changed, including its names, in nanoseconds since 1970.
  package var changed: Int64
  package var inode: UInt64
  package var device: UInt64
  /// Its number of names.
  package var links: UInt32
  package var owner: UInt32
  package var mode: UInt32
  // Last, because it fits there: very many of these are kept.
  package var kind: Kind

  package init(
    kind: Kind, size: Int, modified: Int64, changed: Int64, inode: UInt64, device: UInt64, links: UInt32, owner: UInt32,
    mode: UInt32
  ) {
    self.kind = kind
    self.size = size
    self.modified = modified
    self.changed = changed
    self.inode = inode
    self.device = device
    self.links = links
    self.owner = owner
    self.mode = mode
  }

  init(_ status: stat) {
    self.init(
      kind: Kind(mode: status.st_mode), size: Int(status.st_size), modified: nanoseconds(status.st_mtim),
      changed: nanoseconds(status.st_ctim), inode: UInt64(status.st_ino), device: UInt64(status.st_dev),
      links: UInt32(clamping: status.st_nlink), owner: status.st_uid, mode: status.st_mode & 0o7777)
  }

  /// Whether the file is safe to open: regular, with only one name.
  package var isPlain: Bool { kind == .regular && links == 1 }

  /// Whether both describe the same file or folder, whatever has changed in it.
  package func isSameFile(as other: FileStatus) -> Bool { inode == other.inode && device == other.device }

  /// Whether both describe the same file with the same content; a rename in between does not matter.
  ///
  /// - Parameters:
  ///   - other: The other status.
  ///   - hasFixedInodes: Whether a file keeps one inode number as long as it exists, which not every network or user
  ///     space file system guarantees.
  /// - Returns: Whether they do.
  package func hasSameContent(as other: FileStatus, hasFixedInodes: Bool = true) -> Bool {
    (!hasFixedInodes || isSameFile(as: other)) && size == other.size && modified == other.modified
  }
}

extension FileStatus.Kind {
  fileprivate init(mode: mode_t) {
    switch mode & S_IFMT {
    case S_IFREG: self = .regular
    case S_IFDIR: self = .folder
    case S_IFLNK: self = .symbolicLink
    case S_IFIFO: self = .pipe
    case S_IFSOCK: self = .socket
    default: self = .other
    }
  }
}

/// Years far from ours saturate instead of trapping: a file's times are whatever its owner set.
private func nanoseconds(_ time: timespec) -> Int64 {
  let (scaled, overflow) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
  if overflow { return time.tv_sec < 0 ? .min : .max }
  return scaled.addingReportingOverflow(Int64(time.tv_nsec)).partialValue
}
