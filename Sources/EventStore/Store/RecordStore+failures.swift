package import DurableFiles
package import Events

// The intake's operations on drops that failed.
extension RecordStore {
  /// Moves a dropped file that failed to `retry/`, or to `failed/` if a retry is useless or no longer allowed.
  ///
  /// - Parameters:
  ///   - name: The file.
  ///   - folder: Where it is.
  ///   - wanted: The desired name.
  ///   - failure: What happened to it.
  ///   - inbox: Where it was dropped.
  ///   - droppedAs: The name that its sender gave it.
  ///   - history: Its earlier failures.
  ///   - isQuiet: Whether nobody writes to it, if the kernel cannot say: see `Folder.move`.
  ///   - count: How many events the failure is about, if there are several.
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

  /// Starts a file for many events that stay together because they failed; it has no name yet.
  ///
  /// - Parameters:
  ///   - failure: What happened to the first of them, which determines the file's folder.
  ///   - history: Their earlier failures.
  /// - Returns: The file, and the folder that it is for.
  /// - Throws: `StorageError`.
  package func beginSettingAside(
    _ failure: DropFailure, history: FailureHistory?
  ) throws(StorageError) -> (file: UnnamedFile, folder: FailureFolder) {
    try parts.failures.beginSettingAside(failure, history: history)
  }

  /// Finishes such a file: gives it its name, and one report.
  ///
  /// - Parameters:
  ///   - file: The complete file.
  ///   - wanted: The desired name.
  ///   - failure: As at the start, with a message for all of them.
  ///   - count: How many there are.
  ///   - inbox: Where they were dropped.
  ///   - droppedAs: The name that the sender gave their file.
  ///   - history: As at the start.
  /// - Returns: Where it went.
  /// - Throws: `StorageError`.
  package func setAside(
    _ file: UnnamedFile, as wanted: FileName, _ failure: DropFailure, count: Int, inbox: String,
    droppedAs: DropName, history: FailureHistory?
  ) throws(StorageError) -> FailedPlace {
    try parts.failures.setAside(
      file, as: wanted, failure, count: count, inbox: inbox, droppedAs: droppedAs, history: history)
  }

  /// Does the same for one event of a file of several, which becomes a separate file.
  ///
  /// - Parameters:
  ///   - bytes: The event's bytes.
  ///   - wanted: The desired name.
  ///   - failure: What happened to it.
  ///   - inbox: Where its file was dropped.
  ///   - droppedAs: The name that the sender gave that file.
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

  /// Forgets a file that has left `retry/` or `failed/`, and removes its sidecar, unless another file has its name by
  /// now.
  ///
  /// - Throws: `StorageError`.
  package func forgetFailure(in folder: FailureFolder, _ name: FileName) throws(StorageError) {
    try parts.failures.forget(name, in: folder)
  }
}
