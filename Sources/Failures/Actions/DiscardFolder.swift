package import Catalog
package import DurableFiles
internal import Events
internal import SystemPackage
package import Time

/// `state/discarded/`: what a person has discarded for good, until retention removes it.
package struct DiscardFolder {
  private let layout: StoreLayout
  private let files: any FileOperations
  private static let name = "discarded"

  package init(_ layout: StoreLayout, files: any FileOperations = SystemFiles()) {
    self.layout = layout
    self.files = files
  }

  /// Moves a failed file in, with its report.
  ///
  /// - Parameters:
  ///   - event: A file in `retry/` or `failed/`, or a record.
  ///   - isRehearsal: Whether to report only what would be moved.
  /// - Returns: The outcome; the move is on disk then.
  /// - Throws: `StorageError`.
  func take(_ event: ListedEvent, isRehearsal: Bool = false) throws(StorageError) -> Reprocessing.Outcome {
    do {
      return try move(event, isRehearsal)
    } catch {
      throw .files(error)
    }
  }

  private func move(_ event: ListedEvent, _ isRehearsal: Bool) throws(FileFailure) -> Reprocessing.Outcome {
    let parent = layout.folder(of: event)
    let name = event.fileName
    guard let source = try Folder.openingIfThere(parent, files: files), try source.status(of: name) != nil else {
      return .gone(parent.appending(name).spelled)
    }
    let path = source.pathText(of: name)
    let target = layout.state.appending(Self.name)
    guard !isRehearsal else { return .moved(from: path, to: target.appending(name).spelled) }
    let folder = try Folder.opening(target, makingWithMode: layout.folderMode, files: files)
    let names = AlternativeNames(name)
    for number in 1... {
      let candidate = names.candidate(number)
      switch try source.move(name, to: folder, as: candidate, isQuiet: true) {
      case .done:
        // A record has no report, and a folder is none.
        if event.partition == nil, let report = name.sidecar, let its = candidate.sidecar,
          try source.status(of: report)?.kind != .folder
        {
          _ = try source.move(report, to: folder, as: its, isQuiet: true)
        }
        try folder.sync()
        try source.sync()
        return .moved(from: path, to: folder.pathText(of: candidate))
      case .nameTaken: continue
      case .missing: return .gone(path)
      case .otherFileSystem:
        return .refused(path, why: Message(ActionMessage.otherThanState))
      }
    }
    return .gone(path)
  }

  /// Removes what has been there for longer than partitions are kept.
  ///
  /// - Parameters:
  ///   - keep: How long that is; nil: for ever.
  ///   - now: The current time.
  /// - Returns: How many files were removed.
  /// - Throws: `StorageError`.
  package func prune(olderThan keep: Duration?, at now: Timestamp) throws(StorageError) -> Int {
    guard let keep else { return 0 }
    let limit = now - keep
    var count = 0
    do {
      guard let folder = try Folder.openingIfThere(layout.state.appending(Self.name), files: files) else { return 0 }
      for name in try folder.names() {
        // A move sets ctime.
        guard let status = try folder.status(of: name), status.kind != .folder,
          Timestamp(nanoseconds: status.changed) < limit
        else { continue }
        try folder.remove(name)
        count += 1
      }
    } catch {
      throw .files(error)
    }
    return count
  }
}
