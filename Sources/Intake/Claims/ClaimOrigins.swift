package import Catalog
internal import Digests
package import DurableFiles
package import EventStore
internal import Events
internal import Failures
package import Logging
internal import SystemPackage
internal import Time

/// Where the claims of each inbox came from: `state/origins/INBOX` contains the path of its folder, and
/// `state/origins/INBOX%2FDIGEST` that of a sub-folder which keeps its own claims.
///
/// So the claims of an interrupted run are found again whatever the configuration says by then.
package struct ClaimOrigins: Sendable {
  private let store: RecordStore
  private let logger: Logger
  private static let folderName = FileName("origins")
  static let claimsName = FileName("claims")
  /// Separates an inbox's name from the digest of a sub-folder's path.
  static let separator = "%2F"

  /// - Parameters:
  ///   - store: Has the folder `state/`.
  ///   - logger: For messages to the operator.
  package init(_ store: RecordStore, logger: Logger) {
    self.store = store
    self.logger = logger
  }

  /// Puts back what was claimed from folders that are no longer inboxes, and sets aside what has no folder to go back
  /// to.
  ///
  /// Then it records the paths of today's inboxes. To be called before they look for their own claims, and again for
  /// folders that did not answer, also while they work.
  ///
  /// - Parameters:
  ///   - inboxes: Today's inboxes.
  ///   - areAtWork: Whether these inboxes have started to work, and use the claims in their folders.
  ///   - patient: Asks each of the folders whether it answers, before anything is done there; across repeated calls,
  ///     the same.
  /// - Returns: Which of the folders do not answer: their claims stay as they are, for a later call.
  /// - Throws: `StorageError`.
  package func takeUpOrphans(
    besides inboxes: [InboxOptions], areAtWork: Bool = false, asking patient: PatientFiles
  ) async throws(StorageError) -> [FileFailure] {
    let all = try origins()
    let origins = all.filter { Self.inbox(ofSubfolder: $0.key) == nil }
    // What is left is for the next start.
    func isLeft(_ path: FilePath) -> Bool { areAtWork && inboxes.contains { $0.worksIn(path) } }
    let former = origins.filter { name, path in
      !isLeft(path) && !inboxes.contains { $0.name == name && $0.path == path }
    }
    let subfolders = all.filter { name, path in
      guard let inbox = Self.inbox(ofSubfolder: name) else { return false }
      return !isLeft(path) && !inboxes.contains { $0.looksInto(path, of: inbox) }
    }
    let failures = Self.failures(Set(former.values).union(subfolders.values), patient)
    let silent = failures.filter { $0.value.errno == .timedOut }
    // A missing folder may return, such as a share that is offline.
    for (name, path) in subfolders where failures[path] == nil {
      guard let inbox = Self.inbox(ofSubfolder: name) else { continue }
      try await putBack(claimsNamed: [FileName(name)], of: inbox, to: path)
      try StorageError.wrappingFiles { () throws(FileFailure) in try forget(name) }
    }
    for (name, path) in former {
      if silent[path] == nil {
        try await putBack(claimsNamed: [FileName(name)] + subfolderClaims(of: name), of: name, to: path)
      }
      let isRenamed = !inboxes.contains { $0.name == name }
      let mayReturn = failures[path].map { ![.noSuchFileOrDirectory, .notDirectory].contains($0.errno) } ?? false
      try StorageError.wrappingFiles { () throws(FileFailure) in
        switch (isRenamed, mayReturn) {
        case (true, false): try forget(name)
        // Another folder is noted under this name from now on. As one that is not looked into, this one is found again.
        case (false, true): try note(path.bytes, of: name + Self.separator + Self.digest(of: path.bytes))
        case (true, true), (false, false): break
        }
      }
    }
    for name in try claimFolders() where !inboxes.contains(where: { $0.owns(claimsNamed: name) }) {
      let inbox = Self.inbox(ofClaims: name)
      if let path = all[name.description] ?? origins[inbox], silent[path] != nil || isLeft(path) { continue }
      try await putBack(claimsNamed: [name], of: inbox, to: origins[inbox])
      try? store.folders.state.folder(Self.claimsName).removeFolder(name)
    }
    try StorageError.wrappingFiles { () throws(FileFailure) in
      for inbox in inboxes where origins[inbox.name] != inbox.path {
        try note(inbox.path.bytes, of: inbox.name)
      }
    }
    return silent.values.sorted { $0.path < $1.path }
  }

  /// Why some of these folders cannot be opened: they are waited for together.
  private static func failures(_ paths: Set<FilePath>, _ patient: PatientFiles) -> [FilePath: FileFailure] {
    patient.begin(Array(paths))
    var failures: [FilePath: FileFailure] = [:]
    for path in paths {
      do throws(FileFailure) {
        _ = try Folder(at: path, files: patient)
      } catch {
        failures[path] = error
      }
    }
    return failures
  }

  /// The digest of a path in the name of a sub-folder's claims and of its note.
  static func digest(of path: [UInt8]) -> String {
    String(decoding: Digests.sha256Digits(path.span).prefix(32), as: UTF8.self)
  }

  // MARK: Notes

  private func origins() throws(StorageError) -> [String: FilePath] {
    try StorageError.wrappingFiles { () throws(FileFailure) in
      guard let folder = try store.folders.state.folderIfThere(Self.folderName) else { return [:] }
      var origins: [String: FilePath] = [:]
      for name in try folder.names() where !name.hasPrefix(".") {
        guard let bytes = try folder.read(name, limit: 1 << 16) else { continue }
        // Byte for byte: names of folders need not be UTF-8.
        origins[name.description] = FilePath(platformString: bytes.map { CChar(bitPattern: $0) } + [0])
      }
      return origins
    }
  }

  /// Brings a note to disk, if it is not there, before anything is claimed.
  ///
  /// - Parameters:
  ///   - path: The folder's path.
  ///   - name: The name of its claims.
  /// - Throws: `FileFailure`.
  func note(_ path: [UInt8], of name: String) throws(FileFailure) {
    let folder = try store.folders.state.folder(Self.folderName, makingWithMode: store.options.layout.folderMode)
    guard ((try? folder.read(FileName(name), limit: 1 << 16)) ?? nil) != path else { return }
    let file = try UnnamedFile(in: folder, mode: store.options.layout.fileMode)
    try file.write(path.span)
    try file.sync()
    try file.publish(replacing: FileName(name))
    try folder.sync()
  }

  /// Removes a note.
  ///
  /// - Throws: `FileFailure`.
  func forget(_ name: String) throws(FileFailure) {
    try store.folders.state.folderIfThere(Self.folderName)?.remove(FileName(name))
  }

  /// The inbox of the sub-folder that a note is about; nil if it is about an inbox itself.
  private static func inbox(ofSubfolder name: String) -> String? {
    let parts = name.split(separator: separator, omittingEmptySubsequences: false)
    return parts.count > 1 ? parts.dropLast().joined(separator: separator) : nil
  }

  // MARK: Claims

  /// The inbox of a folder of claims, by its name: the claims of a sub-folder have the inbox in their name, too.
  static func inbox(ofClaims name: FileName) -> String {
    name.description.split(separator: separator).first.map(String.init) ?? name.description
  }

  private func claimFolders() throws(StorageError) -> [FileName] {
    try StorageError.wrappingFiles { () throws(FileFailure) in
      guard let claims = try store.folders.state.folderIfThere(Self.claimsName) else { return [] }
      var folders: [FileName] = []
      for name in try claims.names() where try claims.status(of: name)?.kind == .folder { folders.append(name) }
      return folders
    }
  }

  private func subfolderClaims(of inbox: String) throws(StorageError) -> [FileName] {
    try claimFolders().filter { $0.hasPrefix(inbox + Self.separator) }
  }

  private func putBack(
    claimsNamed names: [FileName], of inbox: String, to origin: FilePath?
  ) async throws(StorageError) {
    var putBack = 0
    var setAside = 0
    let folder = origin.flatMap { try? Folder(at: $0, files: store.folders.state.files) }
    for name in names {
      let claims = ClaimFolder(
        of: folder ?? store.folders.state, in: store.folders.state,
        at: [Self.claimsName.description, name.description],
        mode: store.options.layout.folderMode, logger: logger)
      if folder != nil { try? claims.putBackAllInPlace() }
      // Without its folder, only the claims in `state/` can be found.
      for claim in try StorageError.wrappingFiles({ () throws(FileFailure) in try claims.claimed() }) {
        if let folder, let name = try? claims.putBack(claim.name, claim) {
          putBack += 1
          try? FailureFolder(.retry, folder, store.options.layout)
            .note(
              DropName(bytes: claim.name.bytes), of: name, insteadOf: claim.name, inbox: inbox, at: store.clock.now())
          continue
        }
        let failure = DropFailure(
          stage: .read, reason: .orphaned,
          message: Message(
            ContentMessage.orphaned, ["inbox": .text(inbox), "folder": .text(origin?.spelled ?? "?")]))
        let place = try await store.setAside(
          claim.name, from: claim.folder, as: claim.name, failure, inbox: inbox,
          droppedAs: DropName(bytes: claim.name.bytes), history: nil, isQuiet: true)
        if place != nil { setAside += 1 }
      }
    }
    guard putBack + setAside > 0 else { return }
    logger.warning(
      "files were claimed from a folder that is not an inbox any more; they are back in it, or in failed as orphaned",
      metadata: [
        "inbox": "\(inbox)", "folder": "\(origin?.spelled ?? "unknown")", "putBack": "\(putBack)",
        "failed": "\(setAside)",
      ])
  }
}

extension InboxOptions {
  /// Whether a folder of claims belongs to this inbox, or to one of its sub-folders.
  fileprivate func owns(claimsNamed name: FileName) -> Bool {
    name == FileName(self.name) || recursive && name.hasPrefix(self.name + ClaimOrigins.separator)
  }

  /// Whether a folder is this inbox's, or one that it looks into.
  fileprivate func worksIn(_ path: FilePath) -> Bool {
    path == self.path || recursive && path.starts(with: self.path)
  }

  /// Whether a sub-folder belongs to this inbox, and is looked into.
  fileprivate func looksInto(_ path: FilePath, of inbox: String) -> Bool {
    recursive && name == inbox && path.starts(with: self.path) && path != self.path
  }
}
