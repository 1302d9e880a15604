internal import Synchronization
package import SystemPackage

/// An open folder: all operations are relative to its descriptor, wherever its path may lead by then.
package final class Folder: Sendable {
  package let path: FilePath
  package let files: any FileOperations
  let descriptor: Int32
  /// Whether its file system belongs to this machine alone; nil until first asked.
  let isLocal = Mutex<Bool?>(nil)

  init(path: FilePath, files: any FileOperations, descriptor: Int32) {
    self.path = path
    self.files = files
    self.descriptor = descriptor
  }

  deinit {
    files.close(descriptor)
  }

  /// Opens the folder at a path; symbolic links in it are followed, because the operator chose them.
  ///
  /// - Throws: `FileFailure` if it is missing or cannot be read.
  package convenience init(at path: FilePath, files: any FileOperations) throws(FileFailure) {
    do {
      self.init(path: path, files: files, descriptor: try files.openFolder(path))
    } catch {
      throw FileFailure("open the folder", path.spelled, error)
    }
  }

  /// Opens the folder at a path; if missing, it and its parents are created, with their names on disk.
  ///
  /// - Parameters:
  ///   - path: Where it is.
  ///   - mode: The permissions of created folders.
  ///   - files: The system calls.
  /// - Returns: The folder.
  /// - Throws: `FileFailure` if it cannot be created or opened.
  package static func opening(
    _ path: FilePath, makingWithMode mode: UInt32, files: any FileOperations
  ) throws(FileFailure) -> Folder {
    do {
      return try Folder(at: path, files: files)
    } catch  where error.errno == .noSuchFileOrDirectory {
      let parentPath = path.removingLastComponent()
      guard !parentPath.isEmpty, parentPath != path else { throw error }
      let parent = try opening(parentPath, makingWithMode: mode, files: files)
      do {
        try files.makeFolder(path, mode: mode)
      } catch  where error == .fileExists {
        // Another process was faster, or a dangling link is in the way: opening it will show.
      } catch {
        throw FileFailure("make the folder", path.spelled, error)
      }
      try parent.sync()
      return try Folder(at: path, files: files)
    }
  }

  /// Opens a folder inside, which must not be a symbolic link.
  ///
  /// - Throws: `FileFailure`, with `noSuchFileOrDirectory` if it is missing.
  package func folder(_ name: FileName) throws(FileFailure) -> Folder {
    do {
      let descriptor = try files.openFolder(descriptor, name)
      return Folder(path: path.appending(name), files: files, descriptor: descriptor)
    } catch {
      throw FileFailure("open the folder", pathText(of: name), error)
    }
  }

  /// Opens the folder at a path; nil if it is missing.
  ///
  /// - Throws: `FileFailure`.
  package static func openingIfThere(
    _ path: FilePath, files: any FileOperations
  ) throws(FileFailure) -> Folder? {
    do {
      return try Folder(at: path, files: files)
    } catch  where error.errno == .noSuchFileOrDirectory {
      return nil
    }
  }

  /// Opens a folder inside, which must not be a symbolic link; nil if it is missing.
  ///
  /// - Throws: `FileFailure`.
  package func folderIfThere(_ name: FileName) throws(FileFailure) -> Folder? {
    do {
      return try folder(name)
    } catch  where error.errno == .noSuchFileOrDirectory {
      return nil
    }
  }

  /// Opens a folder inside, and creates it if it is missing; its name is on disk when this returns.
  ///
  /// - Throws: `FileFailure` if it cannot be created or opened.
  package func folder(_ name: FileName, makingWithMode mode: UInt32) throws(FileFailure) -> Folder {
    do {
      return try folder(name)
    } catch  where error.errno == .noSuchFileOrDirectory {
      do {
        try files.makeFolder(descriptor, name, mode: mode)
      } catch  where error == .fileExists {
        // Created by somebody else meanwhile.
      } catch {
        throw FileFailure("make the folder", pathText(of: name), error)
      }
      try sync()
      return try folder(name)
    }
  }

  /// The barrier for the names in this folder: every earlier link, rename and removal is on disk when it returns.
  ///
  /// - Throws: `FileFailure`.
  package func sync() throws(FileFailure) {
    do {
      try files.sync(descriptor)
      // After a failed write to its log, XFS shuts down and reports success for the fsync of a folder whose changes it
      // has just dropped. Any query about the folder fails with EIO.
      _ = try files.status(descriptor)
    } catch {
      throw FileFailure("sync the folder", path.spelled, error)
    }
  }

  /// The barrier for the bytes of a file written by somebody else, if it exists.
  ///
  /// - Throws: `FileFailure`.
  package func sync(_ name: FileName) throws(FileFailure) {
    try open(name)?.sync()
  }

  /// The folder's own status.
  ///
  /// - Throws: `FileFailure`.
  package func status() throws(FileFailure) -> FileStatus {
    do {
      return try files.status(descriptor)
    } catch {
      throw FileFailure("look at", path.spelled, error)
    }
  }

  /// Whether its path still leads to it: it was not moved away, removed, or mounted over.
  ///
  /// - Throws: `FileFailure` if this cannot be determined.
  package func isInPlace() throws(FileFailure) -> Bool {
    do {
      return try files.folderStatus(path).isSameFile(as: files.status(descriptor))
    } catch  where error == .noSuchFileOrDirectory || error == .notDirectory {
      return false
    } catch {
      throw FileFailure("look at", path.spelled, error)
    }
  }

  /// The status of an entry, nil if it does not exist; links are not followed.
  ///
  /// - Throws: `FileFailure`.
  package func status(of name: FileName) throws(FileFailure) -> FileStatus? {
    do {
      return try files.status(descriptor, name)
    } catch  where error == .noSuchFileOrDirectory {
      return nil
    } catch {
      throw FileFailure("look at", pathText(of: name), error)
    }
  }

  /// What is left on its file system.
  ///
  /// - Throws: `FileFailure`.
  package func space() throws(FileFailure) -> FreeSpace {
    do {
      return try files.space(descriptor)
    } catch {
      throw FileFailure("look at the free space of", path.spelled, error)
    }
  }

  /// The path of an entry, for people.
  package func pathText(of name: FileName) -> String {
    path.appending(name).spelled
  }
}
