package import Catalog
package import DurableFiles
package import Events
package import SystemPackage
internal import Time

/// Moves records and failed files into inboxes, like a person using `mv`: `eventdrop reprocess`.
///
/// It takes no lock and changes no catalog: to the daemon the moved files are drops like any other. A file whose name
/// is not the one its sender gave it takes its report along, which contains that name.
package struct Reprocessing {
  /// Where files go.
  package struct Inbox: Sendable {
    package var name: String
    package var path: FilePath
    /// The ending of a file's marker, if the inbox has markers.
    package var marker: String?
    /// Whether it takes a file of this name.
    package var takes: @Sendable (FileName) -> Bool

    package init(name: String, path: FilePath, marker: String?, takes: @escaping @Sendable (FileName) -> Bool) {
      self.name = name
      self.path = path
      self.marker = marker
      self.takes = takes
    }
  }

  /// What happened to one file.
  package enum Outcome: Sendable {
    case moved(from: String, to: String)
    /// It no longer exists: somebody was faster.
    case gone(String)
    case refused(String, why: Message)
  }

  private let layout: StoreLayout
  private let inboxes: [Inbox]
  private let files: any FileOperations
  private let isRehearsal: Bool

  /// - Parameters:
  ///   - layout: Where everything is.
  ///   - inboxes: A file goes into the one that it came from; if there is none of that name, into the first.
  ///   - isRehearsal: Whether to report only what would be moved.
  ///   - files: The system calls.
  package init(
    _ layout: StoreLayout, inboxes: [Inbox], isRehearsal: Bool, files: any FileOperations = SystemFiles()
  ) {
    self.layout = layout
    self.inboxes = inboxes
    self.isRehearsal = isRehearsal
    self.files = files
  }

  /// Moves the file of an event into its inbox.
  ///
  /// - Returns: The outcome; the move is on disk then.
  /// - Throws: `StorageError`.
  package func move(_ event: ListedEvent) throws(StorageError) -> Outcome {
    do {
      return try perform(event)
    } catch {
      throw .files(error)
    }
  }

  /// Why a failed file cannot be moved into its inbox; nil if it can.
  func obstacle(to event: ListedEvent) -> Message? {
    guard let inbox = inbox(of: event) else { return Message(ActionMessage.noInbox) }
    return inbox.takes(event.fileName)
      ? nil : Message(ActionMessage.notTakenThere, ["inbox": .text(inbox.name)])
  }

  private func inbox(of event: ListedEvent) -> Inbox? { inboxes.first { $0.name == event.inbox } ?? inboxes.first }

  private func perform(_ event: ListedEvent) throws(FileFailure) -> Outcome {
    let parent = layout.folder(of: event)
    let name = event.fileName
    guard let source = try Folder.openingIfThere(parent, files: files) else {
      return .gone(parent.appending(name).spelled)
    }
    let path = source.pathText(of: name)
    if let obstacle = obstacle(to: event) { return .refused(path, why: obstacle) }
    guard let inbox = inbox(of: event) else { return .refused(path, why: Message(ActionMessage.noInbox)) }
    guard try source.status(of: name) != nil else { return .gone(path) }
    let folder = try Folder.opening(inbox.path, makingWithMode: layout.folderMode, files: files)
    let target = FailureFolder(.retry, folder, layout)
    let report =
      event.partition == nil
      ? try FailureFolder(.retry, source, layout).report(of: name) : nil
    let names = AlternativeNames(name)
    for number in 1... {
      let candidate = names.candidate(number)
      if try folder.status(of: candidate) != nil { continue }
      var isExplained = false
      if let droppedAs = report?.droppedAs, !candidate.bytes.elementsEqual(droppedAs.bytes) {
        guard let sidecar = candidate.sidecar, try folder.status(of: sidecar) == nil else { continue }
        isExplained = true
      }
      guard !isRehearsal else { return .moved(from: path, to: folder.pathText(of: candidate)) }
      // Before the file, which is taken as soon as it is there.
      if isExplained, var report {
        report.file = candidate.description
        try target.writeSidecar(report, for: candidate)
      }
      // A person has requested it.
      let outcome = try source.move(name, to: folder, as: candidate, isQuiet: true)
      if isExplained, outcome != .done { try target.removeSidecar(of: candidate) }
      switch outcome {
      case .done:
        if event.partition == nil { try FailureFolder(.retry, source, layout).removeSidecar(of: name) }
        if let marker = inbox.marker, let name = candidate.appending(marker) {
          _ = try UnnamedFile(in: folder, mode: layout.fileMode).publish(as: name)
        }
        try folder.sync()
        try source.sync()
        return .moved(from: path, to: folder.pathText(of: candidate))
      case .nameTaken: continue
      case .missing: return .gone(path)
      case .otherFileSystem:
        return .refused(path, why: Message(ActionMessage.otherFileSystem))
      }
    }
    return .gone(path)
  }
}
