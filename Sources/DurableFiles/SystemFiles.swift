internal import CShims
internal import Glibc
package import SystemPackage

/// The file operations of this machine's kernel.
package struct SystemFiles: FileOperations {
  package init() {}

  package func open(_ folder: Int32, _ name: FileName, _ access: FileAccess) throws(Errno) -> Int32 {
    let always = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
    return try retrying {
      name.withCString { name in
        switch access {
        case .reading: openat(folder, name, O_RDONLY | always)
        case .readingThroughLinks: openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        case .appending(let mode): openat(folder, name, O_RDWR | O_APPEND | O_CREAT | always, mode)
        case .updating(let mode): openat(folder, name, O_RDWR | O_CREAT | always, mode)
        }
      }
    }
  }

  package func openFolder(_ path: FilePath) throws(Errno) -> Int32 {
    try retrying { path.withPlatformString { Glibc.open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) } }
  }

  package func openFolder(_ folder: Int32, _ name: FileName?) throws(Errno) -> Int32 {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    guard let name else { return try retrying { openat(folder, ".", flags) } }
    return try retrying { name.withCString { openat(folder, $0, flags) } }
  }

  package func openUnnamed(_ folder: Int32, mode: UInt32) throws(Errno) -> Int32 {
    try retrying { eventdrop_open_unnamed(folder, mode) }
  }

  package func create(_ folder: Int32, _ name: FileName, mode: UInt32) throws(Errno) -> Int32 {
    try retrying {
      name.withCString { openat(folder, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode) }
    }
  }

  package func close(_ descriptor: Int32) {
    // Not retried when interrupted: on Linux the descriptor is closed anyway (close(2)).
    _ = Glibc.close(descriptor)
  }

  package func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
    try retrying { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
  }

  package func read(
    _ descriptor: Int32, at offset: Int, _ buffer: UnsafeMutableRawBufferPointer
  ) throws(Errno) -> Int {
    try retrying { pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)) }
  }

  package func skipHole(_ descriptor: Int32) throws(Errno) -> Int {
    let place = try retrying { lseek(descriptor, 0, SEEK_CUR) }
    var next = lseek(descriptor, place, Self.seekData)
    // Only a hole is left (ENXIO); any other error means that the file system does not say.
    if next < 0, errno == ENXIO { next = lseek(descriptor, 0, SEEK_END) }
    guard next <= place else { return Int(next - place) }
    _ = try retrying { lseek(descriptor, place, SEEK_SET) }
    return 0
  }

  /// SEEK_DATA of unistd.h, which the C library declares with _GNU_SOURCE only.
  private static let seekData: Int32 = 3

  package func write(_ descriptor: Int32, _ buffer: UnsafeRawBufferPointer) throws(Errno) -> Int {
    try retrying { Glibc.write(descriptor, buffer.baseAddress, buffer.count) }
  }

  package func truncate(_ descriptor: Int32, to size: Int) throws(Errno) {
    _ = try retrying { ftruncate(descriptor, off_t(size)) }
  }

  package func status(_ descriptor: Int32) throws(Errno) -> FileStatus {
    var result = stat()
    _ = try retrying { fstat(descriptor, &result) }
    return FileStatus(result)
  }

  package func status(_ folder: Int32, _ name: FileName) throws(Errno) -> FileStatus {
    var result = stat()
    _ = try retrying { name.withCString { fstatat(folder, $0, &result, AT_SYMLINK_NOFOLLOW) } }
    return FileStatus(result)
  }

  package func folderStatus(_ path: FilePath) throws(Errno) -> FileStatus {
    var result = stat()
    _ = try retrying { path.withPlatformString { fstatat(AT_FDCWD, $0, &result, 0) } }
    return FileStatus(result)
  }

  package func setMode(_ descriptor: Int32, _ mode: UInt32) throws(Errno) {
    _ = try retrying { fchmod(descriptor, mode) }
  }

  package func makeFolder(_ folder: Int32, _ name: FileName, mode: UInt32) throws(Errno) {
    _ = try retrying { name.withCString { mkdirat(folder, $0, mode) } }
  }

  package func makeFolder(_ path: FilePath, mode: UInt32) throws(Errno) {
    _ = try retrying { path.withPlatformString { mkdir($0, mode) } }
  }

  package func readEntries(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
    try retrying { eventdrop_read_entries(descriptor, buffer.baseAddress, buffer.count) }
  }

  package func link(_ descriptor: Int32, _ folder: Int32, _ name: FileName) throws(Errno) {
    _ = try retrying { name.withCString { eventdrop_link_unnamed(descriptor, folder, $0) } }
  }

  package func link(
    _ folder: Int32, _ name: FileName, _ toFolder: Int32, _ toName: FileName
  ) throws(Errno) {
    _ = try retrying {
      name.withCString { name in toName.withCString { linkat(folder, name, toFolder, $0, 0) } }
    }
  }

  package func readSymbolicLink(_ folder: Int32, _ name: FileName) throws(Errno) -> [UInt8] {
    var text = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = try retrying { name.withCString { readlinkat(folder, $0, &text, text.count) } }
    return text.prefix(length).map { UInt8(bitPattern: $0) }
  }

  package func makeSymbolicLink(_ text: [UInt8], _ folder: Int32, _ name: FileName) throws(Errno) {
    let terminated = (text + [0]).map { CChar(bitPattern: $0) }
    _ = try retrying { name.withCString { symlinkat(terminated, folder, $0) } }
  }

  package func makeSpecialFile(
    _ kind: SpecialFile, _ folder: Int32, _ name: FileName, mode: UInt32
  ) throws(Errno) {
    let type =
      switch kind {
      case .pipe: S_IFIFO
      case .socket: S_IFSOCK
      }
    _ = try retrying { name.withCString { mknodat(folder, $0, type | mode, 0) } }
  }

  package func rename(
    _ folder: Int32, _ name: FileName, _ toFolder: Int32, _ toName: FileName
  ) throws(Errno) {
    _ = try retrying {
      name.withCString { name in toName.withCString { renameat(folder, name, toFolder, $0) } }
    }
  }

  package func renameExclusively(
    _ folder: Int32, _ name: FileName, _ toFolder: Int32, _ toName: FileName
  ) throws(Errno) {
    _ = try retrying {
      name.withCString { name in toName.withCString { eventdrop_rename_exclusive(folder, name, toFolder, $0) } }
    }
  }

  package func remove(_ folder: Int32, _ name: FileName) throws(Errno) {
    _ = try retrying { name.withCString { unlinkat(folder, $0, 0) } }
  }

  package func removeFolder(_ folder: Int32, _ name: FileName) throws(Errno) {
    _ = try retrying { name.withCString { unlinkat(folder, $0, AT_REMOVEDIR) } }
  }

  package func sync(_ descriptor: Int32) throws(Errno) {
    // Not retried: after a failure the kernel may have dropped the bytes, and a second call would report success.
    guard fsync(descriptor) == 0 else { throw Errno(rawValue: errno) }
  }

  package func syncFileSystem(_ descriptor: Int32) throws(Errno) {
    guard eventdrop_syncfs(descriptor) == 0 else { throw Errno(rawValue: errno) }
  }

  package func probeReadLease(_ descriptor: Int32) throws(Errno) {
    guard eventdrop_take_read_lease(descriptor) == 0 else { throw Errno(rawValue: errno) }
    _ = eventdrop_drop_lease(descriptor)
  }

  package func takeReadLease(_ descriptor: Int32) throws(Errno) {
    guard eventdrop_take_read_lease(descriptor) == 0 else { throw Errno(rawValue: errno) }
  }

  package func dropLease(_ descriptor: Int32) {
    _ = eventdrop_drop_lease(descriptor)
  }

  package func lock(_ descriptor: Int32) throws(Errno) {
    _ = try retrying { eventdrop_lock_whole_file(descriptor) }
  }

  package func isLocked(_ descriptor: Int32) throws(Errno) -> Bool {
    try retrying { eventdrop_is_file_locked(descriptor) } == 1
  }

  package func lockFolder(_ descriptor: Int32, isShared: Bool) throws(Errno) {
    _ = try retrying { eventdrop_lock_folder(descriptor, isShared ? 1 : 0) }
  }

  package func space(_ descriptor: Int32) throws(Errno) -> FreeSpace {
    var result = statvfs()
    _ = try retrying { fstatvfs(descriptor, &result) }
    let block = UInt64(result.f_frsize)
    return FreeSpace(
      bytes: Int(clamping: UInt64(result.f_bavail).multipliedReportingOverflow(by: block).partialValue),
      totalBytes: Int(clamping: UInt64(result.f_blocks).multipliedReportingOverflow(by: block).partialValue),
      inodes: result.f_files == 0 ? nil : Int(clamping: UInt64(result.f_favail)))
  }
}

extension SystemFiles {
  package func fileSystemType(_ descriptor: Int32) throws(Errno) -> UInt64 {
    UInt64(try retrying { eventdrop_file_system_type(descriptor) })
  }

  package func mayChangeNames(in folder: Int32) throws(Errno) -> Bool {
    do {
      _ = try retrying { faccessat(folder, ".", W_OK | X_OK, AT_EACCESS) }
      return true
    } catch  where error == .permissionDenied || error == .readOnlyFileSystem {
      return false
    }
  }
}

/// Repeats a system call as long as a signal interrupts it.
private func retrying<Result: FixedWidthInteger & SignedInteger>(_ call: () -> Result) throws(Errno) -> Result {
  while true {
    let result = call()
    if result >= 0 { return result }
    let error = Errno(rawValue: errno)
    if error != .interrupted { throw error }
  }
}
