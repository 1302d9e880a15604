package import Catalog
package import DurableFiles
package import Events
internal import ExactJSON
internal import Synchronization
internal import SystemPackage
package import Time

/// `retry/` or `failed/`: failed files, each with its sidecar `NAME.error`.
package struct FailureFolder: Sendable {
  /// The folder in `state/` for files of `retry/` while they are tried.
  package static let triedName = FileName("retrying")

  package let place: FailedPlace
  package let folder: Folder
  let fileMode: UInt32
  /// For sidecars.
  let language: Language
  /// Counts each file that gets its name here.
  package let arrivals = ArrivalCount()
  private let pairs = Pairs()

  package init(_ place: FailedPlace, _ folder: Folder, _ layout: StoreLayout) {
    self.place = place
    self.folder = folder
    fileMode = layout.fileMode
    language = layout.language
  }

  /// Whether files can be put there at all.
  package var canBeUsed: Bool { (try? folder.status()) != nil && folder.mayChangeNames }

  /// Moves a file in, under its own name or the next free one, and writes its sidecar.
  ///
  /// In `retry/` the file comes first: one without a sidecar is tried again at once, and one newer than its sidecar
  /// counts as repaired. In `failed/` the sidecar comes first, so that no stop leaves an unexplained file there; a
  /// sidecar without its file is tidied away.
  ///
  /// - Parameters:
  ///   - name: The file.
  ///   - source: Its present folder.
  ///   - wanted: The desired name.
  ///   - isQuiet: Whether nobody writes to it, if the kernel cannot say: see `Folder.move`.
  ///   - report: Makes the sidecar for its final name.
  /// - Returns: That name; nil if the file no longer exists.
  /// - Throws: `FileFailure`; the file is then where it was.
  func take(
    _ name: FileName, from source: Folder, as wanted: FileName, isQuiet: Bool = true,
    report: (FileName) -> FailureReport
  ) throws(FileFailure) -> FileName? {
    try pairs.lock.withLock { _ throws(FileFailure) in
      try takeAlone(name, from: source, as: wanted, isQuiet: isQuiet, report: report)
    }
  }

  private func takeAlone(
    _ name: FileName, from source: Folder, as wanted: FileName, isQuiet: Bool, report: (FileName) -> FailureReport
  ) throws(FileFailure) -> FileName? {
    let names = AlternativeNames(wanted.shown)
    for number in 1... {
      let candidate = names.candidate(number)
      guard try isFree(candidate) else { continue }
      if place == .failed {
        guard try source.status(of: name) != nil else { return nil }
        try writeSidecar(report(candidate), for: candidate)
      }
      var outcome: RenameResult
      do throws(FileFailure) {
        outcome = try source.move(name, to: folder, as: candidate, isQuiet: isQuiet)
      } catch {
        // Unless the move was made and the reply lost.
        if place == .failed, try folder.status(of: candidate) == nil { try removeSidecar(of: candidate) }
        throw error
      }
      if outcome != .done, try source.hasMoved(name, to: folder, as: candidate) { outcome = .done }
      switch outcome {
      case .done:
        arrivals.increase()
        folder.setMode(of: candidate, to: fileMode)
        try folder.sync()
        try source.sync()
        if place == .retry { try writeSidecar(report(candidate), for: candidate) }
        return candidate
      case .nameTaken: if place == .failed { try removeSidecar(of: candidate) }
      case .missing:
        if place == .failed { try removeSidecar(of: candidate) }
        return nil
      case .otherFileSystem:
        if place == .failed { try removeSidecar(of: candidate) }
        throw FileFailure("move", source.pathText(of: name), .improperLink)
      }
    }
    return nil
  }

  /// Whether neither a name nor its sidecar's is taken.
  ///
  /// Whatever is there, of any kind, size or owner, is left alone, except a report that has lost its file.
  private func isFree(_ name: FileName) throws(FileFailure) -> Bool {
    guard try folder.status(of: name) == nil else { return false }
    return try isSidecarFree(of: name)
  }

  private func isSidecarFree(of name: FileName) throws(FileFailure) -> Bool {
    guard let sidecar = name.sidecar, let status = try folder.status(of: sidecar) else { return true }
    guard status.isPlain else { return false }
    return ((try? report(of: name)) ?? nil) != nil
  }

  /// Whether the file of a name contains exactly these bytes; what cannot be read counts as different.
  private static func holds(_ bytes: Span<UInt8>, under name: FileName, in folder: Folder) -> Bool {
    guard let status = try? folder.status(of: name), status.isPlain, status.size == bytes.count else { return false }
    guard let there = (try? folder.read(name, limit: bytes.count)) ?? nil else { return false }
    return there.span.isSame(as: bytes)
  }

  /// Adds a file that exists only in memory: one event of a file of several.
  ///
  /// An existing file with that name and content is this one: the rest of its file was read again.
  ///
  /// - Parameters:
  ///   - bytes: Its content.
  ///   - wanted: The desired name.
  ///   - report: Makes the sidecar for its final name.
  /// - Returns: That name.
  /// - Throws: `FileFailure`; nothing was added then.
  func add(
    _ bytes: Span<UInt8>, as wanted: FileName, report: (FileName) -> FailureReport
  ) throws(FileFailure) -> FileName {
    let file = try UnnamedFile(in: folder, mode: fileMode)
    try file.write(bytes)
    return try publish(file, as: wanted, report: report) { Self.holds(bytes, under: $0, in: folder) }
  }

  /// Gives a complete file a name here, the wanted one or the next free one, and its sidecar.
  ///
  /// - Parameters:
  ///   - file: The file.
  ///   - wanted: The desired name.
  ///   - report: Makes the sidecar for its final name.
  ///   - isSame: Whether the file that has a taken name is this one already.
  /// - Returns: That name.
  /// - Throws: `FileFailure`; nothing was added then.
  func publish(
    _ file: UnnamedFile, as wanted: FileName, report: (FileName) -> FailureReport,
    isSame: (FileName) -> Bool = { _ in false }
  ) throws(FileFailure) -> FileName {
    try file.sync()
    return try pairs.lock.withLock { _ throws(FileFailure) in
      try publishAlone(file, as: wanted, report: report, isSame: isSame)
    }
  }

  private func publishAlone(
    _ file: UnnamedFile, as wanted: FileName, report: (FileName) -> FailureReport, isSame: (FileName) -> Bool
  ) throws(FileFailure) -> FileName {
    let names = AlternativeNames(wanted.shown)
    var number = 1
    while true {
      let candidate = names.candidate(number)
      if try isSidecarFree(of: candidate), try file.publish(as: candidate) {
        arrivals.increase()
        try folder.sync()
        try writeSidecar(report(candidate), for: candidate)
        return candidate
      }
      if isSame(candidate) {
        // An existing sidecar may count more attempts than we know of.
        if try folder.status(of: candidate.sidecar ?? candidate) == nil {
          try writeSidecar(report(candidate), for: candidate)
        }
        return candidate
      }
      number += 1
    }
  }

  /// Whether a file with this name, or an alternative one, and this content exists.
  ///
  /// - Throws: `FileFailure`.
  func holds(_ bytes: Span<UInt8>, as wanted: FileName) throws(FileFailure) -> Bool {
    try Self.holds(bytes, as: wanted, in: folder)
  }

  static func holds(_ bytes: Span<UInt8>, as wanted: FileName, in folder: Folder) throws(FileFailure) -> Bool {
    let names = AlternativeNames(wanted.shown)
    for number in 1... {
      let candidate = names.candidate(number)
      guard try folder.status(of: candidate) != nil else { return false }
      if holds(bytes, under: candidate, in: folder) { return true }
    }
    return false
  }

  /// The name here of a record that was moved out of its partition; nil if it is not here.
  ///
  /// - Throws: `FileFailure`.
  package func name(ofRecord eventId: EventID, updatedAt: Timestamp) throws(FileFailure) -> FileName? {
    let names = AlternativeNames(EventKey(eventId: eventId).recordName.shown)
    var document = JSONDocument()
    for number in 1... {
      let candidate = names.candidate(number)
      guard try folder.status(of: candidate) != nil else { return nil }
      guard let bytes = try? folder.read(candidate, limit: recordSizeLimit),
        let record = try? ProcessedEvent(bytes.span, using: &document)
      else { continue }
      if record.eventId == eventId, record.updatedAt == updatedAt { return candidate }
    }
    return nil
  }

  /// Writes a file's sidecar, replacing the present one.
  ///
  /// - Throws: `FileFailure`.
  package func writeSidecar(_ report: FailureReport, for name: FileName) throws(FileFailure) {
    guard let sidecar = name.sidecar else { return }
    let file = try UnnamedFile(in: folder, mode: fileMode)
    try file.write(report.encoded(in: language).span)
    try file.sync()
    try file.publish(replacing: sidecar)
  }

  /// A file's sidecar; nil if it has none, or an unreadable one.
  ///
  /// - Throws: `FileFailure`.
  package func report(of name: FileName) throws(FileFailure) -> FailureReport? {
    try folder.failureReport(of: name)
  }

  /// Removes a file's sidecar, if it has one.
  ///
  /// - Throws: `FileFailure`.
  package func removeSidecar(of name: FileName) throws(FileFailure) {
    guard let sidecar = name.sidecar else { return }
    do throws(FileFailure) {
      try folder.remove(sidecar)
    } catch  where error.errno == .isDirectory {
      // A person's own folder, which is not a report.
    }
  }

  /// Removes a file's sidecar, if it has one, unless the file is here.
  ///
  /// - Returns: Whether the file is not here.
  /// - Throws: `FileFailure`.
  @discardableResult package func removeLonelySidecar(of name: FileName) throws(FileFailure) -> Bool {
    try pairs.lock.withLock { _ throws(FileFailure) in
      guard try folder.status(of: name) == nil else { return false }
      try removeSidecar(of: name)
      return true
    }
  }
}

/// Held while a file and its sidecar get their names, and while a sidecar without a file is removed: it could be the one
/// of a file that comes just then.
private final class Pairs: Sendable {
  let lock = Mutex(())
}

extension FailureFolder {
  /// Brings the catalog up to date with the folder: what it knows of the files here, and no others.
  ///
  /// To be called before anything is added: what a stop has left of reports that were about to replace others is removed.
  ///
  /// - Throws: `StorageError`.
  package func reconcile(with catalog: Catalog) throws(StorageError) {
    let onDisk = try StorageError.wrappingFiles { () throws(FileFailure) in
      var onDisk: Set<FileName> = []
      var unfinished: [FileName] = []
      try folder.forEachEntry { name, kind in
        if UnnamedFile.isUnfinished(name) { unfinished.append(name) }
        if !name.isSidecar, kind != .folder, !name.hasPrefix(".") { onDisk.insert(name) }
      }
      for name in unfinished { try folder.remove(name) }
      return onDisk
    }
    try StorageError.wrapping { () throws(CatalogError) in
      let known = try catalog.failureNames(in: place)
      try catalog.transaction { () throws(CatalogError) in
        for name in known.subtracting(onDisk) { try catalog.forgetFailure(in: place, name) }
        for name in onDisk.subtracting(known) {
          guard let report = try? report(of: name) else { continue }
          try catalog.putFailure(
            FailureRow(place: place, name: name, eventId: report.failure.eventId, reason: report.failure.reason))
        }
      }
    }
  }
}

extension FileName {
  /// A name that `ls` shows, and that is not a temporary one: if it begins with a dot, `_` goes before it.
  fileprivate var shown: FileName { hasPrefix(".") ? FileName(bytes: [0x5F] + bytes) ?? self : self }
}

extension Span<UInt8> {
  fileprivate func isSame(as other: Span<UInt8>) -> Bool {
    withUnsafeBufferPointer { left in other.withUnsafeBufferPointer { left.elementsEqual($0) } }
  }
}
