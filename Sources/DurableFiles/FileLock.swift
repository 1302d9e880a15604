internal import SystemPackage

/// A lock that one process at a time can hold, and that the kernel gives back when the process ends, however it ends.
///
/// It is of the kind that belongs to an open file (F_OFD_SETLK, fcntl(2)), which holds on NFS too. The file names the
/// holder's process id, for people.
package final class FileLock: Sendable {
  private let descriptor: Int32
  private let files: any FileOperations

  private init(descriptor: Int32, files: any FileOperations) {
    self.descriptor = descriptor
    self.files = files
  }

  deinit {
    files.close(descriptor)
  }

  /// Takes the lock, or says who has it.
  ///
  /// - Parameters:
  ///   - name: The lock's file; made where it is missing, and never removed.
  ///   - folder: Where it is.
  ///   - mode: Its permissions where it is made.
  ///   - processID: What to write into it.
  ///   - note: What to write into its second line, for those who find it held.
  /// - Returns: The lock, held for as long as this value lives.
  /// - Throws: `FileLockError`.
  package static func take(
    _ name: FileName, in folder: Folder, mode: UInt32, processID: Int32, note: String = ""
  ) throws(FileLockError) -> FileLock {
    let files = folder.files
    let path = folder.pathText(of: name)
    let lock: FileLock
    do throws(Errno) {
      let descriptor = try files.open(folder.descriptor, name, .updating(mode: mode))
      lock = FileLock(descriptor: descriptor, files: files)
    } catch {
      throw .failed(FileFailure("open", path, error))
    }
    do throws(Errno) {
      try files.lock(lock.descriptor)
    } catch .resourceTemporarilyUnavailable, .permissionDenied {
      throw .held(byProcess: readProcessID(lock.descriptor, files))
    } catch {
      throw .failed(FileFailure("lock", path, error))
    }
    do throws(Errno) {
      try files.truncate(lock.descriptor, to: 0)
      try writeText("\(processID)\n\(note.isEmpty ? "" : note + "\n")", to: lock.descriptor, files)
    } catch {
      throw .failed(FileFailure("write", path, error))
    }
    return lock
  }
}

extension FileLock {
  /// Who has the lock, without taking it; nil where nobody has, or where that cannot be told.
  ///
  /// - Parameters:
  ///   - name: The lock's file.
  ///   - folder: Where it is.
  /// - Returns: The process id that the file names.
  package static func holder(_ name: FileName, in folder: Folder) -> Int32? {
    let files = folder.files
    guard let descriptor = try? files.open(folder.descriptor, name, .reading) else { return nil }
    defer { files.close(descriptor) }
    guard (try? files.isLocked(descriptor)) == true else { return nil }
    return readProcessID(descriptor, files)
  }

  /// Whether anybody has the lock, or may have it as far as that can be told; it is not taken.
  package static func isHeld(_ name: FileName, in folder: Folder) -> Bool {
    let files = folder.files
    do throws(Errno) {
      let descriptor = try files.open(folder.descriptor, name, .reading)
      defer { files.close(descriptor) }
      return try files.isLocked(descriptor)
    } catch {
      return error != .noSuchFileOrDirectory
    }
  }
}

/// Why a lock could not be had.
package enum FileLockError: Error, Hashable, Sendable {
  /// Another process has it; its id, where the file tells.
  case held(byProcess: Int32?)
  case failed(FileFailure)
}

private func readProcessID(_ descriptor: Int32, _ files: any FileOperations) -> Int32? {
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32, alignment: 1)
  defer { buffer.deallocate() }
  guard let count = try? files.read(descriptor, buffer) else { return nil }
  let digits = buffer[..<count].prefix { $0 >= 0x30 && $0 <= 0x39 }
  return Int32(String(decoding: digits, as: UTF8.self))
}

private func writeText(_ text: String, to descriptor: Int32, _ files: any FileOperations) throws(Errno) {
  var failure: Errno?
  Array(text.utf8).withUnsafeBytes { bytes in
    do throws(Errno) {
      _ = try files.write(descriptor, bytes)
    } catch {
      failure = error
    }
  }
  if let failure { throw failure }
}
