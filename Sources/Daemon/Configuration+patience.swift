internal import Catalog
package import DurableFiles
internal import EventStore
package import Settings
internal import SystemPackage

// How commands deal with folders that do not answer.
extension Configuration {
  /// For commands that only look, or move single files: they get an error instead of an answer, and go on with the
  /// other folders.
  ///
  /// - Parameter asksInboxes: Whether the command opens inboxes, too.
  /// - Returns: The system calls; all these folders have been asked, and are waited for together.
  package func patientFiles(asksInboxes: Bool = false) -> PatientFiles {
    let files = PatientFiles()
    files.begin(storeFolders + (asksInboxes ? inboxes.map(\.path) : []))
    return files
  }

  /// For commands that work on the store as the daemon does: they ask its folders first, and then wait for whatever
  /// they have begun, because an operation that was given up may still be performed.
  ///
  /// - Throws: `DaemonError` if one does not answer.
  func expectAnswers() throws(DaemonError) {
    let files = patientFiles()
    for path in storeFolders {
      do {
        try files.expectAnswer(of: path)
      } catch {
        throw .store(.files(error))
      }
    }
  }

  private var storeFolders: [FilePath] {
    [store.layout.state, store.layout.processed, store.layout.retry, store.layout.failed]
  }
}
