package import DurableFiles
package import Events

/// Much more than any sidecar that was ever written, in bytes.
package let sidecarSizeLimit = 1 << 16

extension Folder {
  /// The report beside a failed file, in its sidecar; nil if it has none, or an unreadable one.
  ///
  /// - Throws: `FileFailure` if it concerns the whole machine.
  package func failureReport(of name: FileName) throws(FileFailure) -> FailureReport? {
    guard let sidecar = name.sidecar else { return nil }
    do {
      return try read(sidecar, limit: sidecarSizeLimit).flatMap { FailureReport($0) }
    } catch  where !error.isOfTheMachine {
      // Whatever it is, it is not a readable report.
      return nil
    }
  }
}
