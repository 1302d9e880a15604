package import SystemPackage

/// All system calls on files that eventdrop makes: nothing else touches a file.
///
/// `SystemFiles` makes them. Tests substitute an implementation that records them, makes the n-th fail, or stops there.
package protocol FileOperations: Sendable {
  /// Opens a file: openat(2); follows a symbolic link only if asked to, and never waits for the other end of a pipe.
  func open(_ folder: Int32, _ name: FileName, _ access: FileAccess) throws(Errno) -> Int32
  /// Opens a folder by its path.
  func openFolder(_ path: FilePath) throws(Errno) -> Int32
  /// Opens a folder in a folder; `nil` reopens the folder itself, with its own position.
  func openFolder(_ folder: Int32, _ name: FileName?) throws(Errno) -> Int32
  /// Creates and opens a file without a name, for writing: O_TMPFILE.
  func openUnnamed(_ folder: Int32, mode: UInt32) throws(Errno) -> Int32
  /// Creates and opens a file that must not exist yet, for writing.
  func create(_ folder: Int32, _ name: FileName, mode: UInt32) throws(Errno) -> Int32
  func close(_ descriptor: Int32)

  /// Reads at the position, at most what the buffer holds; 0 at the end.
  func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int
  /// The same at an offset: pread(2).
  func read(_ descriptor: Int32, at offset: Int, _ buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int
  /// Skips a hole at the position, to the next data or to the end: lseek(2), SEEK_DATA. Returns the number of bytes
  /// skipped, all of them zero.
  func skipHole(_ descriptor: Int32) throws(Errno) -> Int
  /// Writes at the position, perhaps only a part.
  func write(_ descriptor: Int32, _ buffer: UnsafeRawBufferPointer) throws(Errno) -> Int
  func truncate(_ descriptor: Int32, to size: Int) throws(Errno)
  func status(_ descriptor: Int32) throws(Errno) -> FileStatus
  /// The status of an entry; links are not followed.
  func status(_ folder: Int32, _ name: FileName) throws(Errno) -> FileStatus
  /// The status of the folder, or whatever it is, at a path; links are followed: stat(2).
  func folderStatus(_ path: FilePath) throws(Errno) -> FileStatus
  func setMode(_ descriptor: Int32, _ mode: UInt32) throws(Errno)

  /// Creates a folder.
  func makeFolder(_ folder: Int32, _ name: FileName, mode: UInt32) throws(Errno)
  func makeFolder(_ path: FilePath, mode: UInt32) throws(Errno)
  /// Reads the next entries of a folder opened for it: getdents64(2); 0 at the end.
  func readEntries(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int

  /// Gives an unnamed file its name: EEXIST if that is taken.
  func link(_ descriptor: Int32, _ folder: Int32, _ name: FileName) throws(Errno)
  /// Gives a file another name: EEXIST if that is taken.
  func link(_ folder: Int32, _ name: FileName, _ toFolder: Int32, _ toName: FileName) throws(Errno)
  /// Reads the target of a symbolic link: readlinkat(2).
  func readSymbolicLink(_ folder: Int32, _ name: FileName) throws(Errno) -> [UInt8]
  /// Creates a symbolic link to this target: EEXIST if the name is taken.
  func makeSymbolicLink(_ text: [UInt8], _ folder: Int32, _ name: FileName) throws(Errno)
  /// Creates a pipe, or a socket without a listener: EEXIST if the name is taken.
  func makeSpecialFile(_ kind: SpecialFile, _ folder: Int32, _ name: FileName, mode: UInt32) throws(Errno)
  /// Renames; an existing entry of the new name is replaced.
  func rename(_ folder: Int32, _ name: FileName, _ toFolder: Int32, _ toName: FileName) throws(Errno)
  /// Renames; EEXIST if the name is taken: renameat2(2) with RENAME_NOREPLACE.
  func renameExclusively(_ folder: Int32, _ name: FileName, _ toFolder: Int32, _ toName: FileName) throws(Errno)
  func remove(_ folder: Int32, _ name: FileName) throws(Errno)
  func removeFolder(_ folder: Int32, _ name: FileName) throws(Errno)

  /// The barrier for one file's bytes, or for a folder's names: fsync(2).
  func sync(_ descriptor: Int32) throws(Errno)
  /// The barrier for a whole file system: syncfs(2).
  func syncFileSystem(_ descriptor: Int32) throws(Errno)

  /// Takes a read lease and gives it back: EAGAIN while a process has the file open for writing.
  func probeReadLease(_ descriptor: Int32) throws(Errno)
  /// Takes a read lease and keeps it: EAGAIN as above; it ends with the descriptor, or with `dropLease`.
  func takeReadLease(_ descriptor: Int32) throws(Errno)
  func dropLease(_ descriptor: Int32)
  /// Locks a whole file for this open description, without waiting: EAGAIN if another holds the lock.
  func lock(_ descriptor: Int32) throws(Errno)
  /// Whether another open description has that lock; it is not taken, not even for a moment.
  func isLocked(_ descriptor: Int32) throws(Errno) -> Bool
  /// Locks a folder for this open description, without waiting: flock(2), EAGAIN if another holds the lock.
  ///
  /// A shared lock conflicts only with an exclusive one, and vice versa.
  func lockFolder(_ descriptor: Int32, isShared: Bool) throws(Errno)
  func space(_ descriptor: Int32) throws(Errno) -> FreeSpace
  /// The kind of its file system: `f_type` of fstatfs(2).
  func fileSystemType(_ descriptor: Int32) throws(Errno) -> UInt64
  /// Whether this process may create and remove names in a folder: faccessat(2).
  func mayChangeNames(in folder: Int32) throws(Errno) -> Bool
}

/// What a file is opened for.
package enum FileAccess: Sendable {
  case reading
  /// The same, through symbolic links.
  case readingThroughLinks
  /// Reading, and writing always at the current end; created if missing.
  case appending(mode: UInt32)
  /// Reading and writing; created if missing.
  case updating(mode: UInt32)
}

/// A kind of special file that can be created without opening anything.
package enum SpecialFile: Sendable {
  case pipe, socket
}

/// What is left on a file system for an unprivileged process, from fstatvfs(3).
package struct FreeSpace: Hashable, Sendable {
  package var bytes: Int
  package var totalBytes: Int
  /// Nil if the file system does not count inodes (btrfs).
  package var inodes: Int?

  package init(bytes: Int, totalBytes: Int, inodes: Int?) {
    self.bytes = bytes
    self.totalBytes = totalBytes
    self.inodes = inodes
  }

  /// What is kept free for work that goes on when nothing more is taken: sidecars, acknowledgements, the catalog.
  package var reservedBytes: Int { min(4 << 20, totalBytes / 20) }
  package static let reservedInodes = 16

  /// Whether a file of this size fits without using the reserve.
  package func hasRoom(forFileOf size: Int) -> Bool {
    let (needed, isTooMuch) = size.addingReportingOverflow(reservedBytes + 8192)
    return !isTooMuch && bytes >= needed && inodes.map { $0 > Self.reservedInodes } ?? true
  }
}
