package import DurableFiles
internal import Failures
package import SystemPackage
package import Time

/// The files that were claimed from one folder and are neither stored nor back in it.
package struct ClaimedFiles: Sendable, Hashable {
  /// The inbox that they were claimed from; nil for files of `retry/` that are being retried.
  package var inbox: String?
  package var count: Int
  /// When the first of them was claimed.
  package var oldest: Timestamp
  /// The name of that file among the claims; with U+FFFD for bytes that are not UTF-8.
  package var name: String

  /// Adds the count of the same folder's other claims.
  mutating func add(_ other: ClaimedFiles) {
    count += other.count
    if other.oldest < oldest { (oldest, name) = (other.oldest, other.name) }
  }
}

/// Counts claimed files from outside: it changes nothing, and no daemon has to run.
///
/// They are looked for wherever claims are ever kept, not only where today's configuration would keep them.
package struct ClaimCensus {
  private let state: Folder
  private let inboxes: [InboxOptions]

  /// Opens the folder `state/`; nil if it does not exist, so that there are no claims.
  ///
  /// - Parameters:
  ///   - path: The folder.
  ///   - inboxes: Today's inboxes, whose markers do not count as files.
  ///   - files: The system calls.
  /// - Throws: `FileFailure`.
  package init?(
    _ path: FilePath, inboxes: [InboxOptions], files: any FileOperations = SystemFiles()
  ) throws(FileFailure) {
    guard let state = try Folder.openingIfThere(path, files: files) else { return nil }
    self.state = state
    self.inboxes = inboxes
  }

  /// Counts the claims in `state/`: those of all inboxes that ever existed, and of `retry/`.
  ///
  /// - Throws: `FileFailure`.
  package func inState() throws(FileFailure) -> [ClaimedFiles] {
    var found: [ClaimedFiles] = []
    if let claims = try state.folderIfThere(ClaimOrigins.claimsName) {
      for name in try claims.names().sorted() {
        guard try claims.status(of: name)?.kind == .folder, let folder = try claims.folderIfThere(name) else {
          continue
        }
        // The claims of a sub-folder have the inbox in their name, too.
        let inbox = ClaimOrigins.inbox(ofClaims: name)
        guard let own = try Self.count(in: folder, of: inbox, marker: marker(of: inbox)) else { continue }
        if let index = found.firstIndex(where: { $0.inbox == inbox }) {
          found[index].add(own)
        } else {
          found.append(own)
        }
      }
    }
    if let retrying = try state.folderIfThere(FailureFolder.triedName),
      let own = try Self.count(in: retrying, of: nil, marker: nil)
    {
      found.append(own)
    }
    return found
  }

  /// Counts the claims within an inbox's own folder, as if that is not on the file system of `state/`.
  ///
  /// This reads the inbox's folder, and may hang with its file system.
  ///
  /// - Parameter inbox: The inbox.
  /// - Returns: Nil if there are none.
  /// - Throws: `FileFailure`.
  package func inFolder(of inbox: InboxOptions) throws(FileFailure) -> ClaimedFiles? {
    guard let folder = try Folder.openingIfThere(inbox.path, files: state.files) else { return nil }
    var found = try inFolder(folder, of: inbox.name, marker: inbox.marker)
    var inner: [(Folder, depth: Int)] = inbox.recursive ? [(folder, 0)] : []
    while let (next, depth) = inner.popLast() {
      guard depth < Subfolders.depthLimit else { continue }
      for name in try next.names() where !name.hasPrefix(".") {
        guard try next.status(of: name)?.kind == .folder, let folder = try? next.folderIfThere(name) else { continue }
        found = try Self.sum(found, inFolder(folder, of: inbox.name, marker: inbox.marker))
        inner.append((folder, depth + 1))
      }
    }
    return found
  }

  /// Counts the claims within the folder `retry/`.
  ///
  /// - Throws: `FileFailure`.
  package func inRetry(_ path: FilePath) throws(FileFailure) -> ClaimedFiles? {
    guard let folder = try Folder.openingIfThere(path, files: state.files) else { return nil }
    return try inFolder(folder, of: nil, marker: nil)
  }

  private func inFolder(_ folder: Folder, of inbox: String?, marker: String?) throws(FileFailure) -> ClaimedFiles? {
    var found: ClaimedFiles?
    // There may be a million other files.
    let ownPrefix = ClaimFolder.inPlacePrefix(of: state)
    var names: [FileName] = []
    try folder.forEachEntry { name, _ in
      if name.hasPrefix(ClaimFolder.localPrefix) { names.append(name) }
    }
    for name in names.sorted() {
      guard let status = try folder.status(of: name) else { continue }
      if status.kind == .folder {
        guard let claims = try? folder.folderIfThere(name), isOurs(claims) else { continue }
        found = try Self.sum(
          found, Self.count(in: claims, of: inbox, marker: marker, besides: LocalClaims.lockName))
      } else if name.hasPrefix(ownPrefix), !(marker.map { name.hasSuffix($0) } ?? false) {
        found = Self.sum(found, ClaimedFiles(name, status, of: inbox))
      }
    }
    return found
  }

  /// Whether a folder of claims in an inbox belongs to this `state/`, according to the lock in it.
  private func isOurs(_ claims: Folder) -> Bool {
    ((try? LocalClaims.owner(of: claims)) ?? nil).map { $0 == state.path.string } ?? true
  }

  /// Counts the files in a folder of claims.
  ///
  /// - Parameters:
  ///   - folder: The folder.
  ///   - inbox: Whose claims they are; nil for `retry/`.
  ///   - marker: The ending of markers, which are counted with their files.
  ///   - own: A name in it that eventdrop uses itself.
  /// - Returns: Nil if there are none.
  /// - Throws: `FileFailure`.
  static func count(
    in folder: Folder, of inbox: String?, marker: String?, besides own: FileName? = nil
  ) throws(FileFailure) -> ClaimedFiles? {
    var found: ClaimedFiles?
    for name in try folder.names() where name != own {
      if let marker, name.hasSuffix(marker) { continue }
      guard let status = try folder.status(of: name), status.kind != .folder else { continue }
      found = sum(found, ClaimedFiles(name, status, of: inbox))
    }
    return found
  }

  private func marker(of inbox: String) -> String? { inboxes.first { $0.name == inbox }?.marker }

  static func sum(_ left: ClaimedFiles?, _ right: ClaimedFiles?) -> ClaimedFiles? {
    guard var sum = left, let right else { return left ?? right }
    sum.add(right)
    return sum
  }
}

extension ClaimedFiles {
  /// One file, claimed by its last rename: the time in `changed`.
  init(_ name: FileName, _ status: FileStatus, of inbox: String?) {
    self.init(
      inbox: inbox, count: 1, oldest: Timestamp(nanoseconds: status.changed), name: name.description)
  }
}

extension ClaimFolder {
  /// Counts the present claims within the folder itself.
  ///
  /// - Parameter inbox: The folder's inbox.
  /// - Returns: How many there are, and the oldest; nil if none.
  func countLocal(of inbox: String) -> ClaimedFiles? {
    var found: ClaimedFiles?
    if let folder = local.folder {
      found = (try? ClaimCensus.count(in: folder, of: inbox, marker: marker, besides: LocalClaims.lockName)) ?? nil
    }
    for name in inPlace.keys {
      guard let status = (try? source.status(of: name)) ?? nil else { continue }
      found = ClaimCensus.sum(found, ClaimedFiles(name, status, of: inbox))
    }
    return found
  }
}
