package import Catalog
package import DurableFiles
package import Failures
internal import Synchronization
package import SystemPackage

/// The folders behind the inboxes, opened once.
package final class StoreFolders: Sendable {
  package let retry: FailureFolder
  package let failed: FailureFolder
  package let state: Folder
  package let processed: Folder
  private let replacement = Notice<FilePath>()

  /// Opens the folders, and creates what is missing.
  ///
  /// - Throws: `StorageError`.
  package init(_ layout: StoreLayout, files: any FileOperations) throws(StorageError) {
    do throws(FileFailure) {
      func open(_ path: FilePath) throws(FileFailure) -> Folder {
        try Folder.opening(path, makingWithMode: layout.folderMode, files: files)
      }
      state = try open(layout.state)
      processed = try open(layout.processed)
      retry = FailureFolder(.retry, try open(layout.retry), layout)
      failed = FailureFolder(.failed, try open(layout.failed), layout)
    } catch {
      throw .files(error)
    }
  }

  /// Where pruned partitions are deleted: in `state/`, or, if that is another file system, hidden beside the
  /// partitions.
  package func trashName(in folder: Folder) -> FileName { folder === state ? FileName("trash") : FileName(".trash") }

  /// Has `action` called, once, when the path of an open folder leads to another folder.
  package func whenReplaced(_ action: @escaping @Sendable (FilePath) -> Void) { replacement.set(action) }

  /// Checks whether the paths of the open folders still lead to them: before each portion, so that nothing more is put
  /// where nobody looks for it.
  ///
  /// - Throws: `StorageError.folderReplaced`, or `.files` if this cannot be determined.
  package func check() throws(StorageError) {
    for folder in [processed, retry.folder, failed.folder, state] {
      guard try !StorageError.wrappingFiles({ () throws(FileFailure) in try folder.isInPlace() }) else { continue }
      replacement.give(folder.path)
      throw .folderReplaced(folder.path)
    }
  }

  /// Whether they respond.
  package var areUsable: Bool { (try? state.status()) != nil && retry.canBeUsed && failed.canBeUsed }

  /// Whether an error of setting a file aside concerns `retry/` or `failed/` alone: they are full, or read-only, on a file
  /// system of their own, and what is stored does not need them.
  package func isOfFailuresAlone(_ failure: FileFailure) -> Bool {
    guard [.noSpace, .diskQuotaExceeded, .readOnlyFileSystem].contains(failure.errno),
      let device = (try? processed.status())?.device, (try? room().isUsedUp) == false
    else { return false }
    return [retry.folder, failed.folder].contains { (try? $0.status()).map { $0.device != device } ?? false }
  }

  /// How much more may be stored.
  ///
  /// - Throws: `StorageError` if this cannot be determined.
  package func room() throws(StorageError) -> Room {
    try StorageError.wrappingFiles { () throws(FileFailure) in
      Room(records: try processed.space(), state: try state.space())
    }
  }

  /// The error if there is no room even for one more drop.
  package var lackOfRoom: StorageError { Room.lack(at: processed.path) }
}
