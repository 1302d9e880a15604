package import Catalog
package import DurableFiles

/// The folders that failed files go through.
package struct FailureFolders: Sendable {
  package let retry: FailureFolder
  package let failed: FailureFolder
  /// Where files of `retry/` are while they are tried.
  let state: Folder

  package init(retry: FailureFolder, failed: FailureFolder, state: Folder) {
    self.retry = retry
    self.failed = failed
    self.state = state
  }

  /// The folder for a place.
  package func folder(_ place: FailedPlace) -> FailureFolder { place == .retry ? retry : failed }
}
