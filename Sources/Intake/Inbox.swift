internal import Digests
internal import DurableFiles
package import EventStore
internal import Events
package import Logging
package import Schedules
internal import Synchronization
internal import SystemPackage
internal import Threads

/// One inbox, with its sub-folders where it is recursive.
///
/// It works on a thread of its own.
package actor Inbox {
  private let thread: SerialThread
  nonisolated package var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  package nonisolated let options: InboxOptions
  /// What the last look has found and not taken.
  private nonisolated let lastLook = Mutex(WaitingFiles())
  private let store: RecordStore
  private let clock: any WallClock
  private let logger: Logger
  private var root: InboxFolder
  /// The sub-folders, by their way from the inbox, with a slash at its end.
  private var subfolders: [[UInt8]: InboxFolder] = [:]
  private var hasToldOfTooMany = false
  private var hasLookedForClaims = false
  /// A descriptor or two each.
  private static let subfolderLimit = 1000
  private static let depthLimit = 32

  /// Opens an inbox, and makes its folder where it is missing.
  ///
  /// - Parameters:
  ///   - options: The inbox.
  ///   - store: Where its events go.
  ///   - clock: What time it is.
  ///   - logger: What is told to the operator.
  /// - Throws: `StoreError`.
  package init(
    _ options: InboxOptions, store: RecordStore, clock: any WallClock, logger: Logger
  ) throws(StoreError) {
    thread = SerialThread(name: "inbox")
    // The counters are there from the start, at 0: what has never been seen cannot be missed.
    _ = IntakeMeter(inbox: options.name)
    self.options = options
    self.store = store
    self.clock = clock
    self.logger = logger
    do {
      let folder = try Folder.opening(
        options.path, makingWithMode: store.options.folderMode, files: store.state.files)
      root = try Self.root(options, folder, store: store, clock: clock, logger: logger)
    } catch {
      throw .files(error)
    }
  }

  /// What the last look has found and not taken, by reason; it touches no file.
  package nonisolated var waiting: WaitingFiles { lastLook.withLock { $0 } }

  private static func root(
    _ options: InboxOptions, _ folder: Folder, store: RecordStore, clock: any WallClock, logger: Logger
  ) throws(FileFailure) -> InboxFolder {
    let claims = try ClaimFolder(
      of: folder, in: store.state, at: ["claims", options.name], mode: store.options.folderMode, marker: options.marker)
    return InboxFolder(options, folder, path: [], claims: claims, store: store, clock: clock, logger: logger)
  }

  /// Turns to the folder that lies at the inbox's path now, where that is another: moved away and made anew, or mounted over.
  private func turnToFolderInPlace() throws(FileFailure) {
    let there = try Folder(at: options.path, files: store.state.files)
    guard try !there.status().isSameFile(as: root.folder.status()) else { return }
    root = try Self.root(options, there, store: store, clock: clock, logger: logger)
    subfolders = [:]
    logger.notice(
      "another folder lies in the inbox's place, and is looked at from now on",
      metadata: ["inbox": "\(options.name)", "folder": "\(options.path)"])
  }

  /// Works until nothing is ready any more, folder by folder.
  ///
  /// - Parameter isStopping: Asked between portions; what is under way is finished.
  /// - Returns: What was done.
  /// - Throws: `StoreError`; what was claimed has been put back then, as far as that could be done.
  package func work(
    until isStopping: @escaping @Sendable () -> Bool = { false }
  ) async throws(StoreError) -> WorkSummary {
    try store.checkFolders()
    do {
      try turnToFolderInPlace()
    } catch {
      throw .files(error)
    }
    var total = try await root.work(until: isStopping)
    guard options.recursive else { return total }
    do {
      try findSubfolders()
      try adoptClaims()
    } catch {
      throw .files(error)
    }
    var trouble: StoreError?
    for (_, folder) in subfolders.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) where !isStopping() {
      do throws(StoreError) {
        total += try await folder.work(until: isStopping)
      } catch {
        // Somebody has removed the folder: its claims are taken up with the next look.
        if case .files(let failure) = error, failure.errno == .noSuchFileOrDirectory { continue }
        // What is wrong with one must not hold up the others.
        trouble = trouble ?? error
      }
    }
    if let trouble { throw trouble }
    return total
  }

  // MARK: Sub-folders

  /// Looks which sub-folders there are: links are not followed, other file systems not entered, hidden ones left alone.
  private func findSubfolders() throws(FileFailure) {
    var found: Set<[UInt8]> = []
    try find(in: root.folder, path: [], depth: 0, device: root.folder.status().device, &found)
    for path in subfolders.keys where !found.contains(path) { subfolders[path] = nil }
  }

  private func find(
    in folder: Folder, path: [UInt8], depth: Int, device: UInt64, _ found: inout Set<[UInt8]>
  ) throws(FileFailure) {
    guard depth < Self.depthLimit else { return }
    var names: [FileName] = []
    try folder.forEachEntry { name, kind in
      if kind == .folder || kind == nil, !name.hasPrefix(".") { names.append(name) }
    }
    for name in names {
      let inner: Folder
      do {
        guard try folder.status(of: name)?.kind == .folder else { continue }
        inner = try folder.folder(name)
      } catch {
        // Gone since, or not ours to read; the latter is told with the first file that somebody misses.
        guard error.errno == .noSuchFileOrDirectory || error.errno == .permissionDenied else { throw error }
        continue
      }
      let status = try inner.status()
      guard status.device == device else { continue }
      guard found.count < Self.subfolderLimit else { return tellOfTooMany() }
      let innerPath = path + name.bytes + [UInt8(ascii: "/")]
      found.insert(innerPath)
      if try subfolders[innerPath]?.folder.status().inode != status.inode {
        subfolders[innerPath] = InboxFolder(
          options, inner, path: innerPath, claims: try claims(of: inner, innerPath), store: store, clock: clock,
          logger: logger)
      }
      try find(in: inner, path: innerPath, depth: depth + 1, device: device, &found)
    }
  }

  private func claims(of folder: Folder, _ path: [UInt8]) throws(FileFailure) -> ClaimFolder {
    try ClaimFolder(
      of: folder, in: store.state, at: ["claims", claimsPrefix + Self.digest(of: path)],
      mode: store.options.folderMode, marker: options.marker)
  }

  private var claimsPrefix: String { options.name + "%2F" }

  private static func digest(of path: [UInt8]) -> String {
    String(decoding: Digests.sha256Digits(path.span).prefix(32), as: UTF8.self)
  }

  /// Takes up what was claimed in sub-folders that are not there any more: it comes as from the inbox itself.
  private func adoptClaims() throws(FileFailure) {
    guard !hasLookedForClaims else { return }
    hasLookedForClaims = true
    let known = Set(subfolders.keys.map { claimsPrefix + Self.digest(of: $0) })
    for name in try store.state.folder(FileName("claims"), makingWithMode: store.options.folderMode).names()
    where name.hasPrefix(claimsPrefix) && !known.contains(name.description) {
      let claims = try ClaimFolder(
        of: root.folder, in: store.state, at: ["claims", name.description], mode: store.options.folderMode,
        marker: options.marker)
      subfolders[Array(name.bytes)] = InboxFolder(
        options, root.folder, path: [], claims: claims, store: store, clock: clock, logger: logger)
    }
  }

  private func tellOfTooMany() {
    guard !hasToldOfTooMany else { return }
    hasToldOfTooMany = true
    logger.warning(
      "the inbox has more sub-folders than are watched; the rest is left alone",
      metadata: ["inbox": "\(options.name)", "watched": "\(Self.subfolderLimit)"])
  }
}
