package import Catalog
package import DurableFiles
internal import SystemPackage

/// What a person can do with the files of events.
package enum FileAction: String, Sendable, CaseIterable {
  /// Into their inboxes, to be processed and forwarded again.
  case reprocess
  /// The same for files in conflict, once the records in their way have been moved.
  case replace
  /// Out of `retry/` or `failed/`, for good.
  case discard
}

/// Does it, file by file.
package struct FileMover {
  private let reprocessing: Reprocessing
  private let discarded: DiscardFolder
  private let layout: StoreLayout
  private let index: EventIndex
  private let isRehearsal: Bool

  /// - Parameters:
  ///   - layout: Where everything is.
  ///   - inboxes: A file goes into the one that it came from; if there is none of that name, into the first.
  ///   - index: What is known about events.
  ///   - isRehearsal: Whether to report only what would be moved.
  ///   - files: The system calls.
  package init(
    _ layout: StoreLayout, inboxes: [Reprocessing.Inbox], _ index: EventIndex, isRehearsal: Bool,
    files: any FileOperations = SystemFiles()
  ) {
    reprocessing = Reprocessing(layout, inboxes: inboxes, isRehearsal: isRehearsal, files: files)
    discarded = DiscardFolder(layout, files: files)
    self.layout = layout
    self.index = index
    self.isRehearsal = isRehearsal
  }

  /// What was moved for one file, or would be.
  package struct Moves {
    /// The record that was in its way.
    package var record: Reprocessing.Outcome?
    /// The file itself; nil if it was not reached.
    package var file: Reprocessing.Outcome?
  }

  /// Does it with one file.
  ///
  /// - Returns: What was moved; nil if it has nothing to replace.
  /// - Throws: `StorageError`.
  package func perform(_ action: FileAction, on event: ListedEvent) throws(StorageError) -> Moves? {
    switch action {
    case .reprocess: return Moves(file: try reprocessing.move(event))
    case .discard: return Moves(file: try discarded.take(event, isRehearsal: isRehearsal))
    case .replace:
      guard ["conflict", "superseded"].contains(event.reason ?? "") else { return nil }
      if let obstacle = reprocessing.obstacle(to: event) {
        return Moves(file: .refused(layout.folder(of: event).appending(event.fileName).spelled, why: obstacle))
      }
      var moves = Moves()
      if let id = event.eventId, let record = try index.event(id)?.listed {
        moves.record = try discarded.take(record, isRehearsal: isRehearsal)
        if case .refused = moves.record { return moves }
      }
      moves.file = try reprocessing.move(event)
      return moves
    }
  }
}
