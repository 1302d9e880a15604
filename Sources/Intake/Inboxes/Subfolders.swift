internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Logging
internal import SystemPackage
internal import Time

/// The sub-folders of a recursive inbox.
///
/// A failure of one of them delays no other, nor the inbox.
final class Subfolders {
  private let options: InboxOptions
  private let store: RecordStore
  private let clock: any WallClock
  private let logger: Logger
  private let arrived: (@Sendable () -> Void)?
  /// By their path from the inbox, with a slash at the end.
  private var folders: [[UInt8]: InboxFolder] = [:]
  private var setbacks: [[UInt8]: FolderSetback] = [:]
  /// Those that should be looked into but are not.
  private var unread = WaitingFiles()
  private var hasToldOfTooMany = false
  private var hasLookedForClaims = false
  /// One or two descriptors each.
  static let limit = 1000
  static let depthLimit = 32

  /// The inbox's own folder.
  private struct Root {
    var folder: Folder
    var device: UInt64
  }

  init(
    _ options: InboxOptions, store: RecordStore, clock: any WallClock, logger: Logger, arrived: (@Sendable () -> Void)?
  ) {
    self.options = options
    self.arrived = arrived
    self.store = store
    self.clock = clock
    self.logger = logger
  }

  var isEmpty: Bool { folders.isEmpty }

  /// Forgets all of them: the inbox's path leads to another folder.
  func removeAll() {
    folders = [:]
    setbacks = [:]
  }

  /// All of them.
  var all: some Collection<InboxFolder> { folders.values }

  /// What the last look has found but not taken.
  var waiting: WaitingFiles {
    var waiting = unread
    for (path, folder) in folders {
      if setbacks[path] != nil {
        waiting.add(.notReachable, modified: clock.now(), name: String(decoding: path, as: UTF8.self))
      } else {
        waiting += folder.waiting
      }
    }
    return waiting
  }

  // MARK: Working

  /// Works in one after another.
  ///
  /// - Parameters:
  ///   - root: The inbox itself.
  ///   - isStopping: Called between portions; work in progress is finished.
  /// - Returns: What was done.
  /// - Throws: `StorageError`.
  func work(
    in root: InboxFolder, until isStopping: @escaping @Sendable () -> Bool
  ) async throws(StorageError) -> WorkSummary {
    do {
      try findAll(in: root.folder)
      try adoptClaims(for: root.folder)
    } catch {
      throw .files(error)
    }
    var total = WorkSummary()
    for (path, folder) in folders.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) where !isStopping() {
      guard setbacks[path]?.isOver(at: clock.uptime()) ?? true else { continue }
      do throws(StorageError) {
        total += try await folder.work(until: isStopping)
        setbacks[path] = nil
      } catch {
        guard case .files(let failure) = error, !failure.isOfTheMachine, root.isReachable, store.folders.areUsable
        else {
          throw error
        }
        note(failure, of: path)
        total.leftAlone += 1
      }
    }
    return total
  }

  private func note(_ failure: FileFailure, of path: [UInt8]) {
    // Somebody has removed the folder: its claims are taken up at the next look.
    if failure.errno == .noSuchFileOrDirectory { return }
    var setback = setbacks[path] ?? FolderSetback()
    if setback.fail(at: clock.uptime()) {
      logger.error(
        "a sub-folder of the inbox cannot be worked on and is tried again; nothing is lost",
        metadata: [
          "inbox": "\(options.name)", "folder": "\(String(decoding: path, as: UTF8.self))", "error": "\(failure)",
          "advice": "\(failure.advice)",
        ])
    }
    setbacks[path] = setback
  }

  // MARK: Finding

  /// Finds the sub-folders: links are not followed, other file systems not entered, hidden ones left alone.
  ///
  /// - Parameter root: The inbox's folder.
  /// - Throws: `FileFailure`.
  private func findAll(in root: Folder) throws(FileFailure) {
    var found: Set<[UInt8]> = []
    unread = WaitingFiles()
    try find(in: root, path: [], depth: 0, of: Root(folder: root, device: root.status().device), &found)
    for path in folders.keys where !found.contains(path) {
      folders[path]?.claims.removeIfEmpty()
      if folders[path]?.claims.isLocal ?? false { try origins.forget(claimsName(of: path)) }
      folders[path] = nil
      setbacks[path] = nil
      // Its claims, if any, are treated as the inbox's own.
      hasLookedForClaims = false
    }
  }

  private func find(
    in folder: Folder, path: [UInt8], depth: Int, of root: Root, _ found: inout Set<[UInt8]>
  ) throws(FileFailure) {
    var names: [FileName] = []
    try folder.forEachEntry { name, kind in
      if kind == .folder || kind == nil, !name.hasPrefix(".") { names.append(name) }
    }
    for name in names {
      let innerPath = path + name.bytes + [UInt8(ascii: "/")]
      do throws(FileFailure) {
        guard try folder.status(of: name)?.kind == .folder else { continue }
        let inner = try folder.folder(name)
        let status = try inner.status()
        guard status.device == root.device, depth < Self.depthLimit else {
          passOver(innerPath, .subFolder, status)
          continue
        }
        guard found.count < Self.limit else {
          logTooMany()
          passOver(innerPath, .subFolder, status)
          continue
        }
        if folders[innerPath]?.folder.hasStatus(of: status) != true {
          let claims = claims(of: inner, innerPath)
          // Before anything is claimed there: a later configuration may not look into it.
          if claims.isLocal { try origins.note(self.path(of: innerPath), of: claimsName(of: innerPath)) }
          folders[innerPath] = InboxFolder(
            options, inner, path: innerPath, claims: claims, store: store, clock: clock, logger: logger,
            arrived: arrived, hasOwnLook: { !$0.hasPrefix(".") })
        }
        found.insert(innerPath)
        try find(in: inner, path: innerPath, depth: depth + 1, of: root, &found)
      } catch {
        guard error.errno != .noSuchFileOrDirectory else { continue }
        guard !error.isOfTheMachine, (try? root.folder.status()) != nil else { throw error }
        passOver(innerPath, error.errno == .permissionDenied ? .unreadable : .notReachable, nil)
        note(error, of: innerPath)
        // What was found in it before is still there when it becomes readable again.
        found.formUnion(folders.keys.filter { $0.starts(with: innerPath) })
      }
    }
  }

  private func passOver(_ path: [UInt8], _ reason: WaitingFiles.Reason, _ status: FileStatus?) {
    unread.add(
      reason, modified: status?.modifiedAt ?? clock.now(), name: String(decoding: path, as: UTF8.self))
  }

  private func claims(of folder: Folder, _ path: [UInt8]) -> ClaimFolder {
    ClaimFolder(
      of: folder, in: store.folders.state, at: ["claims", claimsName(of: path)],
      mode: store.options.layout.folderMode, marker: options.marker, logger: logger)
  }

  private var claimsPrefix: String { options.name + ClaimOrigins.separator }

  private func claimsName(of path: [UInt8]) -> String { claimsPrefix + ClaimOrigins.digest(of: path) }

  private var origins: ClaimOrigins { ClaimOrigins(store, logger: logger) }

  /// The path of a sub-folder, byte for byte.
  private func path(of subfolder: [UInt8]) -> [UInt8] {
    options.path.bytes + [UInt8(ascii: "/")] + subfolder.dropLast()
  }

  /// Takes up what was claimed in sub-folders that no longer exist: it is treated as the inbox's own.
  private func adoptClaims(for root: Folder) throws(FileFailure) {
    guard !hasLookedForClaims else { return }
    hasLookedForClaims = true
    let known = Set(folders.keys.map { claimsName(of: $0) })
    for name in try store.folders.state.folder(FileName("claims"), makingWithMode: store.options.layout.folderMode)
      .names()
    where name.hasPrefix(claimsPrefix) && !known.contains(name.description) {
      let claims = ClaimFolder(
        of: root, in: store.folders.state, at: ["claims", name.description], mode: store.options.layout.folderMode,
        marker: options.marker, logger: logger)
      guard try !claims.claimed().isEmpty else {
        claims.removeIfEmpty()
        continue
      }
      folders[Array(name.bytes)] = InboxFolder(
        options, root, path: [], claims: claims, store: store, clock: clock, logger: logger, arrived: nil,
        hasOwnLook: { !$0.hasPrefix(".") })
    }
  }

  private func logTooMany() {
    guard !hasToldOfTooMany else { return }
    hasToldOfTooMany = true
    logger.warning(
      "the inbox has more sub-folders than are watched; the rest is left alone",
      metadata: ["inbox": "\(options.name)", "watched": "\(Self.limit)"])
  }
}

extension Folder {
  /// Whether it is the open folder with this status.
  fileprivate func hasStatus(of other: FileStatus) -> Bool { (try? status())?.isSameFile(as: other) ?? false }
}
