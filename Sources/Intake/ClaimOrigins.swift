internal import DurableFiles
package import EventStore
internal import Events
package import Logging
internal import SystemPackage

/// Where the claims of each inbox came from: `state/origins/INBOX` holds the path of its folder.
///
/// So what a run that was cut off had claimed is found again whatever the configuration says by then.
package struct ClaimOrigins: Sendable {
  private let store: RecordStore
  private let logger: Logger
  private static let folderName = FileName("origins")
  private static let claimsName = FileName("claims")

  /// - Parameters:
  ///   - store: What has the folder `state/`.
  ///   - logger: What is told to the operator.
  package init(_ store: RecordStore, logger: Logger) {
    self.store = store
    self.logger = logger
  }

  /// Puts back what was claimed from folders that are no inboxes any more, and sets aside what has no folder to go back to.
  ///
  /// Then it notes where today's inboxes lie. To be called before they look for their own claims.
  ///
  /// - Throws: `StoreError`.
  package func takeUpOrphans(besides inboxes: [InboxOptions]) async throws(StoreError) {
    let origins = try origins()
    for (name, path) in origins where !inboxes.contains(where: { $0.name == name && $0.path == path }) {
      let isRenamed = !inboxes.contains { $0.name == name }
      try await putBack(claimsNamed: [FileName(name)] + subfolderClaims(of: name), of: name, to: path)
      if isRenamed { try forget(name) }
    }
    for name in try claimFolders() where !inboxes.contains(where: { $0.owns(claimsNamed: name) }) {
      let inbox = name.description.split(separator: "%2F").first.map(String.init) ?? name.description
      try await putBack(claimsNamed: [name], of: inbox, to: origins[inbox])
      try? store.state.folder(Self.claimsName).removeFolder(name)
    }
    try StoreError.wrappingFiles { () throws(FileFailure) in
      for inbox in inboxes where origins[inbox.name] != inbox.path { try note(inbox.path, of: inbox.name) }
    }
  }

  // MARK: Notes

  private func origins() throws(StoreError) -> [String: FilePath] {
    try StoreError.wrappingFiles { () throws(FileFailure) in
      guard let folder = try store.state.folderIfThere(Self.folderName) else { return [:] }
      var origins: [String: FilePath] = [:]
      for name in try folder.names() where !name.hasPrefix(".") {
        guard let bytes = try folder.read(name, limit: 1 << 16) else { continue }
        origins[name.description] = FilePath(String(decoding: bytes, as: UTF8.self))
      }
      return origins
    }
  }

  /// Brings the note to disk before anything is claimed.
  private func note(_ path: FilePath, of inbox: String) throws(FileFailure) {
    let folder = try store.state.folder(Self.folderName, makingWithMode: store.options.folderMode)
    let file = try UnnamedFile(in: folder, mode: store.options.fileMode)
    try file.write(Array(path.string.utf8).span)
    try file.sync()
    try file.publish(replacing: FileName(inbox))
    try folder.sync()
  }

  private func forget(_ inbox: String) throws(StoreError) {
    try StoreError.wrappingFiles { () throws(FileFailure) in
      try store.state.folderIfThere(Self.folderName)?.remove(FileName(inbox))
    }
  }

  // MARK: Claims

  private func claimFolders() throws(StoreError) -> [FileName] {
    try StoreError.wrappingFiles { () throws(FileFailure) in
      guard let claims = try store.state.folderIfThere(Self.claimsName) else { return [] }
      var folders: [FileName] = []
      for name in try claims.names() where try claims.status(of: name)?.kind == .folder { folders.append(name) }
      return folders
    }
  }

  private func subfolderClaims(of inbox: String) throws(StoreError) -> [FileName] {
    try claimFolders().filter { $0.hasPrefix("\(inbox)%2F") }
  }

  private func putBack(
    claimsNamed names: [FileName], of inbox: String, to origin: FilePath?
  ) async throws(StoreError) {
    var putBack = 0
    var setAside = 0
    let folder = origin.flatMap { try? Folder(at: $0, files: store.state.files) }
    for name in names {
      let claims = ClaimFolder(
        of: folder ?? store.state, in: store.state, at: [Self.claimsName.description, name.description],
        mode: store.options.folderMode, logger: logger)
      // Without its folder, only what lies in `state/` can be found.
      for claim in try StoreError.wrappingFiles({ () throws(FileFailure) in try claims.claimed() }) {
        if folder != nil, (try? claims.putBack(claim.name, claim)) != nil {
          putBack += 1
          continue
        }
        let failure = DropFailure(
          stage: .read, reason: .orphaned,
          message: "this file was claimed from the inbox '\(inbox)', which is not in the configuration any more, and"
            + " cannot be put back into its folder (\(origin?.string ?? "unknown")). Move it into an inbox")
        let place = try await store.setAside(
          claim.name, from: claim.folder, as: claim.name, failure, inbox: inbox,
          droppedAs: DropName(bytes: claim.name.bytes), history: nil, isQuiet: true)
        if place != nil { setAside += 1 }
      }
    }
    guard putBack + setAside > 0 else { return }
    logger.warning(
      "files were claimed from a folder that is no inbox any more; they are back in it, or in failed as orphaned",
      metadata: [
        "inbox": "\(inbox)", "folder": "\(origin?.string ?? "unknown")", "putBack": "\(putBack)",
        "failed": "\(setAside)",
      ])
  }
}

extension InboxOptions {
  /// Whether a folder of claims is this inbox's, or that of one of its sub-folders.
  fileprivate func owns(claimsNamed name: FileName) -> Bool {
    name == FileName(self.name) || recursive && name.hasPrefix("\(self.name)%2F")
  }
}
