internal import Catalog
internal import DurableFiles
internal import EventStore
package import Events
package import Intake
package import Logging
package import Settings
internal import SystemPackage
internal import Time

/// `eventdrop import`: takes over what another system has processed.
package enum Importing {
  /// Reads a `mongoexport`; refused while a daemon works on the store.
  ///
  /// - Parameters:
  ///   - file: Its path.
  ///   - configuration: Where the events go.
  ///   - logger: What else is reported.
  ///   - refuse: Called for documents that cannot be taken over, with their line.
  ///   - progress: Called from time to time with the progress and the size of the file.
  /// - Returns: The outcome; nil if there is no such file.
  /// - Throws: `DaemonError`.
  package static func run(
    _ file: String, _ configuration: Configuration, logger: Logger, refuse: (Int, Message) -> Void,
    progress: (MongoImport.Summary, Int) -> Void
  ) async throws(DaemonError) -> MongoImport.Summary? {
    let lock = try StateLock.takeAlone(configuration)
    defer { withExtendedLifetime(lock) {} }
    do throws(StorageError) {
      let clock = SystemClock()
      let store = try RecordStore(
        configuration.store, clock: clock, logger: logger, ledger: configuration.ledger(clock))
      let files = PatientFiles()
      let path = FilePath(spelled: file, files: files)
      let parent = path.removingLastComponent()
      guard let name = FileName(lastOf: path) else { return nil }
      let folder: Folder
      let size: Int
      do {
        folder = try Folder(at: parent.isEmpty ? "." : parent, files: files)
        guard let status = try folder.status(of: name) else { return nil }
        size = status.size
      } catch {
        throw .files(error)
      }
      var mongo = MongoImport(into: store, portion: configuration.portion)
      let summary = try await mongo.run(name, in: folder, refuse: refuse) { progress($0, size) }
      await store.close()
      return summary
    } catch {
      throw .store(error)
    }
  }
}
