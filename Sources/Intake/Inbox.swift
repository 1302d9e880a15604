internal import Concurrency
internal import Digests
package import DurableFiles
package import EventStore
internal import Events
package import Logging
internal import Synchronization
internal import SystemPackage
package import Time

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
  private var setbacks: [[UInt8]: FolderSetback] = [:]
  private var report: WaitingReport
  /// Since when the inbox's folder has not answered.
  private var unreachableSince: Timestamp?
  private var hasToldOfTooMany = false
  private var hasLookedForClaims = false
  /// A descriptor or two each.
  private static let subfolderLimit = 1000
  static let depthLimit = 32

  /// Opens an inbox, and makes its folder where it is missing.
  ///
  /// - Parameters:
  ///   - options: The inbox.
  ///   - store: Where its events go.
  ///   - clock: What time it is.
  ///   - logger: What is told to the operator.
  /// - Throws: `StorageError`.
  package init(
    _ options: InboxOptions, store: RecordStore, clock: any WallClock, logger: Logger
  ) throws(StorageError) {
    thread = SerialThread(name: "inbox")
    // The counters are there from the start, at 0: what has never been seen cannot be missed.
    _ = IntakeMeter(inbox: options.name)
    self.options = options
    self.store = store
    self.clock = clock
    self.logger = logger
    report = WaitingReport(
      inbox: options.name, state: store.folders.state, mode: store.options.folderMode, logger: logger)
    do {
      let folder = try Folder.opening(
        options.path, makingWithMode: store.options.folderMode, files: store.folders.state.files)
      root = Self.root(options, folder, store: store, clock: clock, logger: logger)
    } catch {
      throw .files(error)
    }
  }

  /// What the last look has found and not taken, by reason; it touches no file.
  package nonisolated var waiting: WaitingFiles { lastLook.withLock { $0 } }

  /// Which of these files may still lie in the inbox, whatever they wait for.
  ///
  /// - Parameter files: Their names, without the way to them.
  /// - Returns: Those; all of them if sub-folders hold files.
  package func mayHold(_ files: Set<FileName>) -> Set<FileName> {
    if !subfolders.isEmpty, waiting.count > 0 { return files }
    return files.filter { root.folder.mayHold($0) }
  }

  private static func root(
    _ options: InboxOptions, _ folder: Folder, store: RecordStore, clock: any WallClock, logger: Logger
  ) -> InboxFolder {
    let claims = ClaimFolder(
      of: folder, in: store.folders.state, at: ["claims", options.name], mode: store.options.folderMode,
      marker: options.marker, logger: logger)
    return InboxFolder(
      options, folder, path: [], claims: claims, store: store, clock: clock, logger: logger,
      hasOwnLook: { options.recursive && !$0.hasPrefix(".") })
  }

  /// Turns to the folder that lies at the inbox's path now, where that is another: moved away and made anew, or mounted over.
  private func turnToFolderInPlace() throws(FileFailure) {
    let there = try Folder(at: options.path, files: store.folders.state.files)
    let status = try there.status()
    // An open folder that does not answer any more is another one than that which does.
    if let own = try? root.folder.status(), status.isSameFile(as: own) { return }
    root = Self.root(options, there, store: store, clock: clock, logger: logger)
    subfolders = [:]
    setbacks = [:]
    logger.notice(
      "another folder lies in the inbox's place, and is looked at from now on",
      metadata: ["inbox": "\(options.name)", "folder": "\(options.path)"])
  }

  /// Works until nothing is ready any more, folder by folder.
  ///
  /// - Parameter isStopping: Asked between portions; what is under way is finished.
  /// - Returns: What was done.
  /// - Throws: `StorageError`; what was claimed has been put back then, as far as that could be done.
  package func work(
    until isStopping: @escaping @Sendable () -> Bool = { false }
  ) async throws(StorageError) -> WorkSummary {
    lastLook.withLock { $0.lookingSince = clock.now() }
    defer { publish() }
    try store.folders.check()
    do {
      try turnToFolderInPlace()
      unreachableSince = nil
    } catch {
      unreachableSince = unreachableSince ?? clock.now()
      throw .files(error)
    }
    var total: WorkSummary
    do throws(StorageError) {
      total = try await root.work(until: isStopping)
    } catch {
      if !root.isReachable { unreachableSince = unreachableSince ?? clock.now() }
      throw error
    }
    guard options.recursive else { return total }
    do {
      try findSubfolders()
      try adoptClaims()
    } catch {
      throw .files(error)
    }
    for (path, folder) in subfolders.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) where !isStopping() {
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

  /// What befalls one sub-folder holds up no other, nor the inbox.
  private func note(_ failure: FileFailure, of path: [UInt8]) {
    // Somebody has removed the folder: its claims are taken up with the next look.
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

  /// Makes known what the look has found and not taken.
  private func publish() {
    var waiting = WaitingFiles()
    if let unreachableSince {
      waiting.add(.notReachable, modified: unreachableSince, name: options.path.string)
    } else {
      waiting += root.waiting
      for (path, folder) in subfolders {
        if setbacks[path] != nil {
          waiting.add(.notReachable, modified: clock.now(), name: String(decoding: path, as: UTF8.self))
        } else {
          waiting += folder.waiting
        }
      }
      waiting += unread
      for folder in [root] + subfolders.values {
        waiting.claimed = ClaimCensus.sum(waiting.claimed, folder.claims.countLocal(of: options.name))
      }
    }
    waiting.lookedAt = clock.now()
    lastLook.withLock { $0 = waiting }
    report.take(waiting, isOneClock: root.readiness.isOfThisMachineAlone, clock)
  }

  // MARK: Sub-folders

  /// Sub-folders that are not looked into though they should be.
  private var unread = WaitingFiles()

  /// Looks which sub-folders there are: links are not followed, other file systems not entered, hidden ones left alone.
  private func findSubfolders() throws(FileFailure) {
    var found: Set<[UInt8]> = []
    unread = WaitingFiles()
    try find(in: root.folder, path: [], depth: 0, device: root.folder.status().device, &found)
    for path in subfolders.keys where !found.contains(path) {
      subfolders[path]?.claims.removeIfEmpty()
      if subfolders[path]?.claims.isLocal ?? false { try origins.forget(claimsName(of: path)) }
      subfolders[path] = nil
      setbacks[path] = nil
      // What it had claimed, if anything, comes as from the inbox itself.
      hasLookedForClaims = false
    }
  }

  private func find(
    in folder: Folder, path: [UInt8], depth: Int, device: UInt64, _ found: inout Set<[UInt8]>
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
        guard status.device == device, depth < Self.depthLimit else {
          passOver(innerPath, .subFolder, status)
          continue
        }
        guard found.count < Self.subfolderLimit else {
          tellOfTooMany()
          passOver(innerPath, .subFolder, status)
          continue
        }
        if subfolders[innerPath]?.folder.hasStatus(of: status) != true {
          let claims = claims(of: inner, innerPath)
          // Before anything is claimed there: a later configuration may not look into it.
          if claims.isLocal { try origins.note(self.path(of: innerPath), of: claimsName(of: innerPath)) }
          subfolders[innerPath] = InboxFolder(
            options, inner, path: innerPath, claims: claims, store: store, clock: clock, logger: logger,
            hasOwnLook: { !$0.hasPrefix(".") })
        }
        found.insert(innerPath)
        try find(in: inner, path: innerPath, depth: depth + 1, device: device, &found)
      } catch {
        guard error.errno != .noSuchFileOrDirectory else { continue }
        guard !error.isOfTheMachine, (try? root.folder.status()) != nil else { throw error }
        passOver(innerPath, error.errno == .permissionDenied ? .unreadable : .notReachable, nil)
        note(error, of: innerPath)
        // What was found in it before is still there when it can be read again.
        found.formUnion(subfolders.keys.filter { $0.starts(with: innerPath) })
      }
    }
  }

  private func passOver(_ path: [UInt8], _ reason: WaitingFiles.Reason, _ status: FileStatus?) {
    unread.add(
      reason, modified: status.map { InboxScan.Entry(name: FileName("_"), status: $0).modified } ?? clock.now(),
      name: String(decoding: path, as: UTF8.self))
  }

  private func claims(of folder: Folder, _ path: [UInt8]) -> ClaimFolder {
    ClaimFolder(
      of: folder, in: store.folders.state, at: ["claims", claimsName(of: path)],
      mode: store.options.folderMode, marker: options.marker, logger: logger)
  }

  private var claimsPrefix: String { options.name + ClaimOrigins.separator }

  private func claimsName(of path: [UInt8]) -> String { claimsPrefix + Self.digest(of: path) }

  private var origins: ClaimOrigins { ClaimOrigins(store, logger: logger) }

  /// Where a sub-folder lies, byte for byte.
  private func path(of subfolder: [UInt8]) -> [UInt8] {
    Array(options.path.string.utf8) + [UInt8(ascii: "/")] + subfolder.dropLast()
  }

  private static func digest(of path: [UInt8]) -> String {
    String(decoding: Digests.sha256Digits(path.span).prefix(32), as: UTF8.self)
  }

  /// Takes up what was claimed in sub-folders that are not there any more: it comes as from the inbox itself.
  private func adoptClaims() throws(FileFailure) {
    guard !hasLookedForClaims else { return }
    hasLookedForClaims = true
    let known = Set(subfolders.keys.map { claimsName(of: $0) })
    for name in try store.folders.state.folder(FileName("claims"), makingWithMode: store.options.folderMode).names()
    where name.hasPrefix(claimsPrefix) && !known.contains(name.description) {
      let claims = ClaimFolder(
        of: root.folder, in: store.folders.state, at: ["claims", name.description], mode: store.options.folderMode,
        marker: options.marker, logger: logger)
      guard try !claims.claimed().isEmpty else {
        claims.removeIfEmpty()
        continue
      }
      subfolders[Array(name.bytes)] = InboxFolder(
        options, root.folder, path: [], claims: claims, store: store, clock: clock, logger: logger,
        hasOwnLook: { !$0.hasPrefix(".") })
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

/// What befell one sub-folder: tried again after pauses that grow.
private struct FolderSetback {
  private var setback = Setback()
  private var resumption = Duration.zero

  mutating func fail(at uptime: Duration) -> Bool {
    let isFirst = setback.fail()
    resumption = uptime + setback.pause
    return isFirst
  }

  func isOver(at uptime: Duration) -> Bool { uptime >= resumption }
}

extension Folder {
  /// Whether it is the open folder of this status.
  fileprivate func hasStatus(of other: FileStatus) -> Bool { (try? status())?.isSameFile(as: other) ?? false }
}
