internal import Glibc
internal import Synchronization
internal import SystemPackage

/// A lock that one process at a time can hold, and that the kernel releases when the process ends, however it ends.
///
/// It belongs to an open file (F_OFD_SETLK, fcntl(2)), which works on NFS too. The file contains the holder's process
/// id, for people.
///
/// Its folder is locked as well (flock(2)): the file can be removed while it is locked, and whoever created it again
/// would get another lock. On a file system that cannot lock folders, such as NFS, only the file is locked.
package final class FileLock: Sendable {
  /// What keeps the locked file open.
  private enum Hold {
    case descriptor(Int32)
    /// The address of a mapping.
    case mapping(UInt)
  }

  private let hold: Mutex<Hold>
  /// The locked folder, with its own descriptor.
  private let folder: Folder

  private init(descriptor: Int32, in folder: Folder) {
    hold = Mutex(.descriptor(descriptor))
    self.folder = folder
  }

  deinit {
    switch hold.withLock({ $0 }) {
    case .descriptor(let descriptor): folder.files.close(descriptor)
    case .mapping(let address): munmap(UnsafeMutableRawPointer(bitPattern: address), 1)
    }
  }

  /// Takes the lock, or reports who has it.
  ///
  /// - Parameters:
  ///   - name: The lock file; created if missing, and never removed.
  ///   - folder: Where it is.
  ///   - mode: Its permissions if it is created.
  ///   - processID: What to write into it.
  ///   - note: What to write into its second line, for those who find the lock held.
  /// - Returns: The lock, held as long as this value lives.
  /// - Throws: `FileLockError`.
  package static func take(
    _ name: FileName, in folder: Folder, mode: UInt32, processID: Int32, note: String = ""
  ) throws(FileLockError) -> FileLock {
    let files = folder.files
    let path = folder.pathText(of: name)
    // The folder first: if another process has it, the file is left alone.
    let locked = try lock(folder, holding: name)
    let descriptor: Int32
    do throws(Errno) {
      descriptor = try files.open(folder.descriptor, name, .updating(mode: mode))
    } catch {
      throw .failed(FileFailure("open", path, error))
    }
    let lock = FileLock(descriptor: descriptor, in: locked)
    do throws(Errno) {
      try files.lock(descriptor)
    } catch .resourceTemporarilyUnavailable, .permissionDenied {
      throw .held(byProcess: readProcessID(descriptor, files))
    } catch {
      throw .failed(FileFailure("lock", path, error))
    }
    do throws(Errno) {
      try files.truncate(descriptor, to: 0)
      try writeText("\(processID)\n\(note.isEmpty ? "" : note + "\n")", to: descriptor, files)
    } catch {
      throw .failed(FileFailure("write", path, error))
    }
    lock.keepWithoutDescriptor()
    return lock
  }

  /// Keeps the file open by a mapping instead, if its file system is a program's (FUSE).
  ///
  /// Whenever a descriptor is closed, the kernel has that program finish what was written (FUSE_FLUSH, linux/fuse.h), and
  /// waits for it: if it hangs, this process could not end, even by SIGKILL. The end of a mapping waits for nobody.
  private func keepWithoutDescriptor() {
    hold.withLock { hold in
      guard case .descriptor(let descriptor) = hold,
        (try? folder.files.fileSystemType(descriptor)) == fileSystemsOfPrograms,
        let mapped = mmap(nil, 1, PROT_NONE, MAP_PRIVATE, descriptor, 0), mapped != MAP_FAILED
      else { return }
      folder.files.close(descriptor)
      hold = .mapping(UInt(bitPattern: mapped))
    }
  }

  private static func lock(_ folder: Folder, holding name: FileName) throws(FileLockError) -> Folder {
    let own: Folder
    do {
      own = try folder.reopened()
    } catch {
      throw .failed(error)
    }
    for attempt in 1...10 {
      do throws(Errno) {
        try own.files.lockFolder(own.descriptor, isShared: false)
        break
      } catch .resourceTemporarilyUnavailable {
        // If nobody holds the file's lock, somebody may just be testing the folder's: that takes a moment.
        guard attempt < 10, !isFileHeld(name, in: folder) else {
          throw .held(byProcess: processID(in: name, of: folder))
        }
        usleep(2000)
      } catch {
        // The folder cannot be locked: the file's lock has to do.
        break
      }
    }
    return own
  }
}

extension FileLock {
  /// Who has the lock, without taking it; nil if nobody has, or if this is unknown.
  ///
  /// - name: The lock file.
  ///   - name: The lock's file.
  ///   - folder: Where it is.
  /// - Returns: The process id in the file.
  package static func holder(_ name: FileName, in folder: Folder) -> Int32? {
    isHeld(name, in: folder) ? processID(in: name, of: folder) : nil
  }

  private static func processID(in name: FileName, of folder: Folder) -> Int32? {
    let files = folder.files
    if let descriptor = try? files.open(folder.descriptor, name, .reading) {
      defer { files.close(descriptor) }
      if let named = readProcessID(descriptor, files) { return named }
    }
    return processID(ofLocked: folder)
  }

  /// Who has locked the folder, by the kernel's list (proc_locks(5)), if the file no longer says.
  private static func processID(ofLocked folder: Folder) -> Int32? {
    guard let inode = try? folder.status().inode,
      let list = try? Folder(at: "/proc", files: folder.files).read(FileName("locks"), limit: 1 << 24)
    else { return nil }
    let holders = list.split(separator: 0x0A).compactMap { line -> Int32? in
      // "1: FLOCK  ADVISORY  WRITE 4711 08:02:131073 0 EOF"
      let fields = String(decoding: line, as: UTF8.self).split(separator: " ")
      guard fields.count >= 6, fields[1] == "FLOCK", fields[3] == "WRITE", fields[5].hasSuffix(":\(inode)") else {
        return nil
      }
      return Int32(fields[4]).flatMap { $0 > 0 ? $0 : nil }
    }
    return holders.count == 1 ? holders[0] : nil
  }

  /// Whether anybody has the lock, or may have it as far as can be known; it is not taken.
  package static func isHeld(_ name: FileName, in folder: Folder) -> Bool {
    isFileHeld(name, in: folder) || isLocked(folder)
  }

  private static func isFileHeld(_ name: FileName, in folder: Folder) -> Bool {
    let files = folder.files
    do throws(Errno) {
      let descriptor = try files.open(folder.descriptor, name, .reading)
      defer { files.close(descriptor) }
      return try files.isLocked(descriptor)
    } catch {
      return error != .noSuchFileOrDirectory
    }
  }

  /// Whether somebody has locked the folder, while the lock file was removed or replaced.
  ///
  /// The kernel has no query for that: a shared lock is tried, for a moment.
  private static func isLocked(_ folder: Folder) -> Bool {
    guard let own = try? folder.reopened() else { return false }
    do throws(Errno) {
      try own.files.lockFolder(own.descriptor, isShared: true)
      return false
    } catch {
      return error == .resourceTemporarilyUnavailable
    }
  }
}

/// Why the lock was not taken.
package enum FileLockError: Error, Hashable, Sendable {
  /// Another process has it; its id, if the file has it.
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
