internal import SystemPackage

extension Folder {
  /// Opens a file for reading, which must not be a symbolic link; nil if it does not exist.
  ///
  /// - Throws: `FileFailure`.
  package func open(_ name: FileName) throws(FileFailure) -> OpenFile? {
    do {
      let descriptor = try files.open(descriptor, name, .reading)
      return OpenFile(descriptor: descriptor, folder: self, name: name)
    } catch  where error == .noSuchFileOrDirectory {
      return nil
    } catch {
      throw FileFailure("open", pathText(of: name), error)
    }
  }

  /// Reads a whole file; nil if it does not exist.
  ///
  /// - Parameters:
  ///   - name: The file.
  ///   - limit: The largest size accepted, in bytes.
  /// - Returns: The bytes.
  /// - Throws: `FileFailure`, with `fileTooLarge` if it exceeds the limit.
  package func read(_ name: FileName, limit: Int) throws(FileFailure) -> [UInt8]? {
    guard let file = try open(name) else { return nil }
    let status = try file.status()
    guard status.kind == .regular else { throw FileFailure("read", pathText(of: name), .invalidArgument) }
    guard status.size <= limit else { throw FileFailure("read", pathText(of: name), .fileTooLarge) }
    let bytes = try file.readAll(expecting: status.size, limit: limit)
    guard bytes.count <= limit else { throw FileFailure("read", pathText(of: name), .fileTooLarge) }
    return bytes
  }

  /// Reads a whole file that the operator named, following symbolic links; nil if it does not exist.
  ///
  /// Never for what others have dropped.
  ///
  /// - Parameters:
  ///   - name: The file.
  ///   - limit: The largest size accepted, in bytes.
  /// - Returns: The bytes.
  /// - Throws: `FileFailure`, with `fileTooLarge` if it exceeds the limit.
  package func read(following name: FileName, limit: Int) throws(FileFailure) -> [UInt8]? {
    do {
      let file = OpenFile(
        descriptor: try files.open(descriptor, name, .readingThroughLinks), folder: self, name: name)
      let bytes = try file.readAll(expecting: 4096, limit: limit)
      guard bytes.count <= limit else { throw FileFailure("read", pathText(of: name), .fileTooLarge) }
      return bytes
    } catch let error as FileFailure {
      throw error
    } catch let error as Errno where error == .noSuchFileOrDirectory {
      return nil
    } catch {
      throw FileFailure("open", pathText(of: name), error as? Errno ?? .ioError)
    }
  }

  /// Calls `body` with each entry except `.` and `..`, in the order of the file system.
  ///
  /// The kind is nil if the file system does not give it without a look at the entry itself.
  ///
  /// - Throws: `FileFailure` from reading or from `body`.
  package func forEachEntry(
    _ body: (FileName, FileStatus.Kind?) throws(FileFailure) -> Void
  ) throws(FileFailure) {
    let listing: Int32
    do {
      listing = try files.openFolder(descriptor, nil)
    } catch {
      throw FileFailure("list", path.spelled, error)
    }
    defer { files.close(listing) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count: Int
      do {
        count = try files.readEntries(listing, buffer)
      } catch {
        throw FileFailure("list", path.spelled, error)
      }
      guard count > 0 else { return }
      try forEachDirectoryEntry(in: UnsafeRawBufferPointer(rebasing: buffer[..<count]), body)
    }
  }

  /// The names of all entries, in byte order.
  ///
  /// - Throws: `FileFailure`.
  package func names() throws(FileFailure) -> [FileName] {
    var names: [FileName] = []
    try forEachEntry { name, _ in names.append(name) }
    return names.sorted()
  }
}

/// A file open for reading.
package struct OpenFile: ~Copyable {
  private let descriptor: Int32
  private let folder: Folder
  private let name: FileName
  private var files: any FileOperations { folder.files }
  private var path: String { folder.pathText(of: name) }

  init(descriptor: Int32, folder: Folder, name: FileName) {
    self.descriptor = descriptor
    self.folder = folder
    self.name = name
  }

  deinit {
    files.close(descriptor)
  }

  /// The status of the open file, whatever its name refers to by now.
  ///
  /// - Throws: `FileFailure`.
  package func status() throws(FileFailure) -> FileStatus {
    do {
      return try files.status(descriptor)
    } catch {
      throw FileFailure("look at", path, error)
    }
  }

  /// The barrier for the file's bytes.
  ///
  /// - Throws: `FileFailure`.
  func sync() throws(FileFailure) {
    do {
      try files.sync(descriptor)
    } catch {
      throw FileFailure("sync", path, error)
    }
  }

  /// Sets the file's permissions.
  ///
  /// - Throws: `FileFailure`, for example if it belongs to another user.
  func setMode(_ mode: UInt32) throws(FileFailure) {
    do {
      try files.setMode(descriptor, mode)
    } catch {
      throw FileFailure("set the permissions of", path, error)
    }
  }

  /// Whether some process has the file open for writing, as far as the kernel says.
  ///
  /// The answer is nil on file systems without leases, and for another user's file without CAP_LEASE (fcntl(2)).
  ///
  /// - Parameter isReadAtOnce: Whether the file is closed in a moment: until then, opening it for writing blocks, which
  ///   saves a system call.
  /// - Returns: Whether one has; nil if the kernel does not say.
  package func isOpenForWriting(isReadAtOnce: Bool = false) -> Bool? {
    do {
      if isReadAtOnce { try files.takeReadLease(descriptor) } else { try files.probeReadLease(descriptor) }
      return false
    } catch  where error == .resourceTemporarilyUnavailable {
      return true
    } catch {
      return nil
    }
  }

  /// Takes a read lease and keeps it: nobody has the file open for writing, and whoever opens it for that is blocked
  /// for a while.
  ///
  /// The kernel announces such an attempt by SIGIO, which the program ignores.
  ///
  /// - Parameter isTrusted: Whether a lease is meaningful on this file system.
  /// - Returns: Whether the lease was granted; nil if the kernel cannot say who writes.
  func holdReadLease(isTrusted: Bool) -> Bool? {
    guard isTrusted else { return nil }
    do {
      try files.takeReadLease(descriptor)
      return true
    } catch {
      return error == .resourceTemporarilyUnavailable ? false : nil
    }
  }

  func dropLease() { files.dropLease(descriptor) }

  /// Reads what follows the position, at most what the buffer holds; 0 at the end.
  ///
  /// - Throws: `FileFailure`.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int {
    do {
      return try files.read(descriptor, buffer)
    } catch {
      throw FileFailure("read", path, error)
    }
  }

  /// Skips a hole at the position, which reads as zeros and takes no room on the disk.
  ///
  /// - Returns: Its length in bytes; 0 if there is none, or the file system does not say.
  package func skipHole() -> Int { (try? files.skipHole(descriptor)) ?? 0 }

  /// Reads from the position to the end.
  ///
  /// - Parameters:
  ///   - size: The expected number of bytes.
  ///   - limit: How many to read before giving up; if there are more, the result exceeds the limit.
  /// - Returns: The bytes.
  /// - Throws: `FileFailure`.
  package func readAll(expecting size: Int, limit: Int) throws(FileFailure) -> [UInt8] {
    // One byte more than expected, so that the end is seen without growing the buffer.
    var capacity = min(max(size, 0), limit) + 1
    var bytes: [UInt8] = []
    while true {
      var failure: FileFailure?
      let before = bytes
      var isAtEnd = false
      bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
        before.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
        count = before.count
        while count < buffer.count {
          do throws(FileFailure) {
            let more = try read(
              into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[count...])))
            if more == 0 {
              isAtEnd = true
              return
            }
            count += more
            // As many as expected, with room for more: that is the end.
            if count == size, count < buffer.count {
              isAtEnd = true
              return
            }
          } catch {
            failure = error
            return
          }
        }
      }
      if let failure { throw failure }
      if isAtEnd || bytes.count > limit { return bytes }
      capacity = min(max(capacity * 2, 4096), limit + 1)
    }
  }
}
