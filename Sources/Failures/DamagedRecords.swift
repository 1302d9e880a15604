package import Catalog
package import DurableFiles
package import Events
package import Logging
internal import SystemPackage

/// Files at a record's name that are not what was written: moved to `failed/`, so that a person sees them.
package struct DamagedRecords {
  private let failures: Failures
  private let logger: Logger

  package init(_ failures: Failures, logger: Logger) {
    self.failures = failures
    self.logger = logger
  }

  /// Frees the name of a record.
  ///
  /// A folder, or anything that cannot be moved to `failed/`, gets another name in the partition.
  ///
  /// - Returns: Why it is still where it was; nil if its name is free now.
  /// - Throws: `StorageError` if it concerns the whole machine or folder.
  package func setAside(
    _ name: FileName, in partition: Folder, eventId: EventID, eventType: String, inbox: String, message: Message
  ) throws(StorageError) -> FileFailure? {
    let failure = DropFailure(
      stage: .store, reason: .corruptRecord, message: message, eventId: eventId, eventType: eventType)
    let failed = failures.folders.failed
    let moved: FileName?
    do throws(FileFailure) {
      guard let status = try partition.status(of: name) else { return nil }
      // A folder in `failed/` is not a failed file.
      guard status.kind != .folder else { throw FileFailure("move", partition.pathText(of: name), .isDirectory) }
      moved = try failures.moveToFailed(name, from: partition, failure, inbox: inbox)
    } catch {
      guard !partition.isConcerned(by: error), !failed.folder.isConcerned(by: error) else { throw .files(error) }
      return try makeWay(for: name, in: partition, eventId, message)
    }
    guard let moved else { return nil }
    logger.error(
      "a damaged record was set aside",
      metadata: ["eventId": "\(eventId)", "file": "\(failed.folder.pathText(of: moved))", "error": "\(message)"])
    try failures.remember(FailureRow(place: .failed, name: moved, eventId: eventId, reason: .corruptRecord))
    return nil
  }

  private func makeWay(
    for name: FileName, in partition: Folder, _ eventId: EventID, _ message: Message
  ) throws(StorageError) -> FileFailure? {
    do throws(FileFailure) {
      guard let other = try partition.makeWay(for: name) else { return nil }
      logger.error(
        "what lay in the way of a record has another name now; move it out of the partition",
        metadata: ["eventId": "\(eventId)", "file": "\(partition.pathText(of: other))", "error": "\(message)"])
      return nil
    } catch {
      guard !partition.isConcerned(by: error) else { throw .files(error) }
      return error
    }
  }
}
