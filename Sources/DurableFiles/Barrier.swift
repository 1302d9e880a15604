internal import Synchronization
internal import SystemPackage

/// The barrier for all bytes written to a folder's file system: syncfs(2).
///
/// The kernel reports a failed write-back to each descriptor that was open when it happened, once. So the descriptor is
/// opened before the first write, and a new one after a failure: bytes whose barrier failed have to be written anew.
package final class Barrier: Sendable {
  private let folder: Folder
  private let current: Mutex<Folder?>

  /// Opens the barrier; what is written after that is covered by it.
  ///
  /// - Throws: `FileFailure`.
  package init(of folder: Folder) throws(FileFailure) {
    self.folder = folder
    current = Mutex(try folder.reopened())
  }

  /// Returns once all that was written to the file system before is on disk, the names in its folders apart.
  ///
  /// - Throws: `FileFailure`: nothing that was written since the last success may be trusted then.
  package func wait() throws(FileFailure) {
    let open: Folder
    if let existing = current.withLock({ $0 }) {
      open = existing
    } else {
      open = try folder.reopened()
      current.withLock { $0 = open }
      // Opened after the writes that it should cover: those cannot be vouched for.
      throw FileFailure("sync the file system of", folder.path.string, .ioError)
    }
    do {
      try open.files.syncFileSystem(open.descriptor)
    } catch {
      let fresh = try? folder.reopened()
      current.withLock { $0 = fresh }
      throw FileFailure("sync the file system of", folder.path.string, error)
    }
  }
}

extension Folder {
  /// The same folder behind a descriptor of its own.
  fileprivate func reopened() throws(FileFailure) -> Folder {
    do {
      return Folder(path: path, files: files, descriptor: try files.openFolder(descriptor, nil))
    } catch {
      throw FileFailure("open the folder", path.string, error)
    }
  }
}
