package import SystemPackage

extension FileOperations {
  /// Opens a folder, if only to see that it answers, be it with an error.
  ///
  /// - Throws: `FileFailure` if it does not.
  package func expectAnswer(of path: FilePath) throws(FileFailure) {
    do throws(FileFailure) {
      _ = try Folder(at: path, files: self)
    } catch {
      if error.errno == .timedOut { throw error }
    }
  }
}
