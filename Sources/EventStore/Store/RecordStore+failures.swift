package import DurableFiles
package import Events

// What the intake asks of the store about drops that failed.
extension RecordStore {
  /// Moves a dropped file that failed to `retry/`, or to `failed/` where trying again is of no use or no longer allowed.
  ///
  /// - Parameters:
  ///   - name: The file.
  ///   - folder: Where it is.
  ///   - wanted: The name that it should get.
  ///   - failure: What happened to it.
  ///   - inbox: Where it was dropped.
  ///   - droppedAs: The name that its sender gave it.
  ///   - history: What it failed of before.
  ///   - isQuiet: Whether nobody writes to it, where the kernel cannot tell: see `Folder.move`.
  ///   - count: Of how many events the failure tells, where it is of several.
  /// - Returns: Where it went; nil where it is not there any more.
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

  /// Begins a file for many events that stay together because they failed; it has no name yet.
  ///
  /// - Parameters:
  ///   - failure: What happened to the first of them: it says where the file belongs.
  ///   - history: What they failed of before.
  /// - Returns: The file, and the folder that it is for.
  /// - Throws: `StorageError`.
  package func beginSettingAside(
    _ failure: DropFailure, history: FailureHistory?
  ) throws(StorageError) -> (file: UnnamedFile, folder: FailureFolder) {
    try parts.failures.beginSettingAside(failure, history: history)
  }

  /// Ends such a file: gives it its name, and one report.
  ///
  /// - Parameters:
  ///   - file: The file, all of it written.
  ///   - wanted: The name that it should get.
  ///   - failure: As when it was begun, its message for all of them.
  ///   - count: How many they are.
  ///   - inbox: Where they were dropped.
  ///   - droppedAs: The name that the sender gave their file.
  ///   - history: As when it was begun.
  /// - Returns: Where it went.
  /// - Throws: `StorageError`.
  package func setAside(
    _ file: UnnamedFile, as wanted: FileName, _ failure: DropFailure, count: Int, inbox: String,
    droppedAs: DropName, history: FailureHistory?
  ) throws(StorageError) -> FailedPlace {
    try parts.failures.setAside(
      file, as: wanted, failure, count: count, inbox: inbox, droppedAs: droppedAs, history: history)
  }

  /// Does the same for one event of a file of several, which becomes a file of its own.
  ///
  /// - Parameters:
  ///   - bytes: The event's bytes.
  ///   - wanted: The name that it should get.
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

  /// Returns once no file is being set aside: for a moment, such a file lies in `retry/` without its sidecar.
  ///
  /// There is nothing to be done: a file is set aside in one turn of the store, and this is the next one.
  @inline(never)
  package func finishSettingAside() {}

  /// Forgets a file that has left `retry/` or `failed/`, and removes its sidecar, unless another file has its name by now.
  ///
  /// - Throws: `StorageError`.
  package func forgetFailure(in folder: FailureFolder, _ name: FileName) throws(StorageError) {
    try parts.failures.forget(name, in: folder)
  }
}
