package import SystemPackage

/// The system calls on files that eventdrop makes: all of them, and nothing else touches a file.
///
/// `SystemFiles` makes them. Tests put another one in its place that records them, lets the n-th fail, or stops there.
package protocol FileOperations: Sendable {
  /// Opens a file: openat(2); a symbolic link only where that is asked for, and never waiting for the other end of a pipe.
  func open(_ folder: Int32, _ name: FileName, _ access: FileAccess) throws(Errno) -> Int32
  /// Opens a folder by its path.
  func openFolder(_ path: FilePath) throws(Errno) -> Int32
  /// Opens a folder in a folder; `nil` is the folder itself again, with a position of its own.
  func openFolder(_ folder: Int32, _ name: FileName?) throws(Errno) -> Int32
  /// Makes and opens a file that has no name yet, for writing: O_TMPFILE.
  func openUnnamed(_ folder: Int32, mode: UInt32) throws(Errno) -> Int32
  /// Makes and opens a file that must not be there yet, for writing.
  func create(_ folder: Int32, _ name: FileName, mode: UInt32) throws(Errno) -> Int32
  func close(_ descriptor: Int32)

  /// Reads what is there at the position, at most what the buffer holds; 0 at the end.
  func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int
  /// The same at an offset: pread(2).
  func read(_ descriptor: Int32, at offset: Int, _ buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int
  /// Goes from the position over a hole, if there is one, to what was written behind it, or to the end: lseek(2),
  /// SEEK_DATA. Answers how many bytes those are, all of them zero.
  func skipHole(_ descriptor: Int32) throws(Errno) -> Int
  /// Writes at the position, perhaps less than all.
  func write(_ descriptor: Int32, _ buffer: UnsafeRawBufferPointer) throws(Errno) -> Int
  func truncate(_ descriptor: Int32, to size: Int) throws(Errno)
  func status(_ descriptor: Int32) throws(Errno) -> FileStatus
  /// The status of an entry, links not followed.
  func status(_ folder: Int32, _ name: FileName) throws(Errno) -> FileStatus
  /// The status of the folder at a path, through links: stat(2).
  func folderStatus(_ path: FilePath) throws(Errno) -> FileStatus
  func setMode(_ descriptor: Int32, _ mode: UInt32) throws(Errno)

  /// Makes a folder.
  func makeFolder(_ folder: Int32, _ name: FileName, mode: UInt32) throws(Errno)
  func makeFolder(_ path: FilePath, mode: UInt32) throws(Errno)
  /// Reads the next entries of a folder that was opened for it: getdents64(2); 0 at the end.
  func readEntries(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int

  /// Gives an unnamed file its name: EEXIST where that is taken.
  func link(_ descriptor: Int32, _ folder: Int32, _ name: FileName) throws(Errno)
  /// Gives a file a further name: EEXIST where that is taken.
  func link(_ folder: Int32, _ name: FileName, _ toFolder: Int32, _ toName: FileName) throws(Errno)
  /// Reads the text of a symbolic link: readlinkat(2).
  func readSymbolicLink(_ folder: Int32, _ name: FileName) throws(Errno) -> [UInt8]
  /// Makes a symbolic link with this text: EEXIST where the name is taken.
  func makeSymbolicLink(_ text: [UInt8], _ folder: Int32, _ name: FileName) throws(Errno)
  /// Makes a pipe, or a socket that nobody listens at, with no process behind it: EEXIST where the name is taken.
  func makeSpecialFile(_ kind: SpecialFile, _ folder: Int32, _ name: FileName, mode: UInt32) throws(Errno)
  /// Renames; what has the name already is replaced.
  func rename(_ folder: Int32, _ name: FileName, _ toFolder: Int32, _ toName: FileName) throws(Errno)
  /// Renames, EEXIST where the name is taken: renameat2(2) with RENAME_NOREPLACE.
  func renameExclusively(_ folder: Int32, _ name: FileName, _ toFolder: Int32, _ toName: FileName) throws(Errno)
  func remove(_ folder: Int32, _ name: FileName) throws(Errno)
  func removeFolder(_ folder: Int32, _ name: FileName) throws(Errno)

  /// The barrier for one file's bytes, or for a folder's names: fsync(2).
  func sync(_ descriptor: Int32) throws(Errno)
  /// The barrier for a whole file system: syncfs(2).
  func syncFileSystem(_ descriptor: Int32) throws(Errno)

  /// Asks the kernel for a read lease and gives it back: EAGAIN while a process has the file open for writing.
  func probeReadLease(_ descriptor: Int32) throws(Errno)
  /// Asks for a read lease and keeps it: EAGAIN as before; it ends with the descriptor, or with `dropLease`.
  func takeReadLease(_ descriptor: Int32) throws(Errno)
  func dropLease(_ descriptor: Int32)
  /// Locks a whole file for this open description, without waiting: EAGAIN where another holds it.
  func lock(_ descriptor: Int32) throws(Errno)
  /// Whether another open description has that lock; it is not taken, not even for a moment.
  func isLocked(_ descriptor: Int32) throws(Errno) -> Bool
  /// Locks a folder for this open description, without waiting: flock(2), EAGAIN where another holds it.
  ///
  /// A shared lock is refused by an exclusive one only, and the other way round.
  func lockFolder(_ descriptor: Int32, isShared: Bool) throws(Errno)
  func space(_ descriptor: Int32) throws(Errno) -> FreeSpace
  /// The kind of file system that it lies on: `f_type` of fstatfs(2).
  func fileSystemType(_ descriptor: Int32) throws(Errno) -> UInt64
  /// Whether this process may make and remove names in a folder: faccessat(2).
  func mayChangeNames(in folder: Int32) throws(Errno) -> Bool
}

/// What a file is opened for.
package enum FileAccess: Sendable {
  case reading
  /// The same, through symbolic links.
  case readingThroughLinks
  /// Writing, always at the end, wherever that is, and reading; made where it is missing.
  case appending(mode: UInt32)
  /// Reading and writing; made where it is missing.
  case updating(mode: UInt32)
}

/// What is no regular file and can be made without opening anything.
package enum SpecialFile: Sendable {
  case pipe, socket
}

/// What is left on a file system for a process without privileges, of fstatvfs(3).
package struct FreeSpace: Hashable, Sendable {
  package var bytes: Int
  package var totalBytes: Int
  /// Nil where the file system does not count inodes (btrfs).
  package var inodes: Int?

  package init(bytes: Int, totalBytes: Int, inodes: Int?) {
    self.bytes = bytes
    self.totalBytes = totalBytes
    self.inodes = inodes
  }

  /// What is kept free for those who go on when nothing is taken up any more: sidecars, acknowledgements, the catalog.
  package var reservedBytes: Int { min(4 << 20, totalBytes / 20) }
  package static let reservedInodes = 16

  /// Whether a file of this size fits in without a part of the reserve.
  package func hasRoom(forFileOf size: Int) -> Bool {
    let (needed, isTooMuch) = size.addingReportingOverflow(reservedBytes + 8192)
    return !isTooMuch && bytes >= needed && inodes.map { $0 > Self.reservedInodes } ?? true
  }
}
