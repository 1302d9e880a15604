internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Events
internal import Failures
internal import Logging

/// Whatever in `retry/` cannot be tried.
extension RetryFolder {
  /// Sets aside anything but regular files: it is never opened, and only a person can deal with it.
  ///
  /// - Returns: How many.
  func setOddAside(_ names: [FileName], until isStopping: () -> Bool) async throws(StorageError) -> Int {
    var count = 0
    for name in names where !isStopping() {
      do throws(StorageError) {
        guard
          let status = try StorageError.wrappingFiles({ () throws(FileFailure) in try retry.folder.status(of: name) }),
          !status.isPlain
        else { continue }
        let failure = DropFailure(
          stage: .read, reason: .notARegularFile,
          message: Message(ContentMessage.notARegularFileInRetry, ["kind": .message(status.described)]))
        let report = (try? retry.report(of: name)) ?? nil
        let place = try await store.setAside(
          name, from: retry.folder, as: name, failure, inbox: report?.inbox ?? inboxes.first?.name ?? "",
          droppedAs: report?.droppedAs ?? DropName(bytes: name.bytes), history: nil, isQuiet: true)
        guard place != nil else { continue }
        try await store.forgetFailure(in: retry, name)
        source.leftAlone.remove(name)
        count += 1
        logger.warning(
          "something in retry is not a regular file and needs a person",
          metadata: ["file": "\(name)", "error": "\(failure.message)"])
      } catch {
        guard case .files(let failure) = error, !retry.folder.isConcerned(by: failure), store.folders.failed.canBeUsed
        else {
          throw error
        }
        source.leaveAlone(name, failure)
      }
    }
    return count
  }

  /// Reports once why files are not tried: one line, however many there are.
  func logNewlyLeft() {
    for (_, left) in source.newlyLeft.take() {
      logger.error(
        "files in retry cannot be read or moved and wait there; they are tried again later",
        metadata: [
          "files": "\(left.count)", "file": "\(left.name)", "error": "\(left.failure)",
          "advice": "\(left.failure.advice)",
        ])
    }
  }
}
