package import Catalog
package import DurableFiles
package import Events
package import Failures

// The intake's operations on drops that failed.
extension RecordStore {
  /// Moves a dropped file that failed; see `Failures`.
  ///
  /// - Returns: Where it went; nil if it no longer exists.
  /// - Throws: `StorageError`; the file is then where it was.
  package func setAside(
    _ name: FileName, from folder: Folder, as wanted: FileName, _ failure: DropFailure, inbox: String,
    droppedAs: DropName, history: FailureHistory?, isQuiet: Bool, count: Int? = nil
  ) throws(StorageError) -> FailedPlace? {
    try folders.check()
    return try parts.failures.setAside(
      name, from: folder, as: wanted, failure, inbox: inbox, droppedAs: droppedAs, history: history, isQuiet: isQuiet,
      count: count)
  }

  /// Starts a file for many events that stay together because they failed; see `Failures`.
  ///
  /// - Returns: The file, and the folder that it is for.
  /// - Throws: `StorageError`.
  package func beginSettingAside(
    _ failure: DropFailure, history: FailureHistory?
  ) throws(StorageError) -> (file: UnnamedFile, folder: FailureFolder) {
    try parts.failures.beginSettingAside(failure, history: history)
  }

  /// Finishes such a file: gives it its name, and one report; see `Failures`.
  ///
  /// - Returns: Where it went.
  /// - Throws: `StorageError`.
  package func setAside(
    _ file: UnnamedFile, as wanted: FileName, _ failure: DropFailure, count: Int, inbox: String,
    droppedAs: DropName, history: FailureHistory?
  ) throws(StorageError) -> FailedPlace {
    try parts.failures.setAside(
      file, as: wanted, failure, count: count, inbox: inbox, droppedAs: droppedAs, history: history)
  }

  /// Does the same for one event of a file of several, which becomes a separate file; see `Failures`.
  ///
  /// - Returns: Where it went.
  /// - Throws: `StorageError`.
  package func setAside(
    _ bytes: [UInt8], as wanted: FileName, _ failure: DropFailure, inbox: String, droppedAs: DropName
  ) throws(StorageError) -> FailedPlace {
    try folders.check()
    return try parts.failures.setAside(bytes, as: wanted, failure, inbox: inbox, droppedAs: droppedAs)
  }

  /// Returns once no file is being set aside: for a moment, such a file is in `retry/` without its sidecar.
  ///
  /// It has nothing to do: a file is set aside in one turn of the store, and this is the next one.
  @inline(never)
  package func finishSettingAside() {}

  /// Forgets a file that has left `retry/` or `failed/`, and removes its sidecar; see `Failures`.
  ///
  /// - Throws: `StorageError`.
  package func forgetFailure(in folder: FailureFolder, _ name: FileName) throws(StorageError) {
    try parts.failures.forget(name, in: folder)
  }
}
