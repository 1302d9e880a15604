package import SystemPackage

/// The folders behind the inboxes.
package struct FolderSettings: Sendable, Equatable {
  package var processed: FilePath
  package var retry: FilePath
  package var failed: FilePath
  package var state: FilePath
  /// The permissions of folders that are made; files get these without the execute bits.
  package var mode: UInt32 = 0o750

  init(relativeTo folder: FilePath) {
    processed = folder.resolving("processed")
    retry = folder.resolving("retry")
    failed = folder.resolving("failed")
    state = folder.resolving("state")
  }

  mutating func read(_ section: inout Section, _ claims: inout FolderClaims) {
    claims.read("processed", into: &processed, &section)
    claims.read("retry", into: &retry, &section)
    claims.read("failed", into: &failed, &section)
    claims.read("state", into: &state, &section)
    section.read("mode", as: .folderMode, into: &mode)
  }
}
