internal import Catalog
internal import Concurrency
internal import DurableFiles
internal import EventStore
internal import Events
internal import Settings
internal import Synchronization
internal import SystemPackage

/// Looks at eventdrop's own folders for monitoring, on its own thread.
actor FolderDesk {
  /// What was seen.
  struct View: Sendable {
    var obstacles: [Verdict.Item] = []
    /// The free space of the file systems, by folder.
    var space: [(folder: String, space: FreeSpace)] = []
  }

  private let thread = SerialThread(name: "folders")
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private let folders: StoreLayout
  private let store: RecordStore
  /// The folder that is being looked at.
  private let current = Mutex("")

  init(_ folders: StoreLayout, _ store: RecordStore) {
    self.folders = folders
    self.store = store
  }

  /// The folder that is being looked at: the one that hangs, if the look does.
  nonisolated var place: String { current.withLock { $0 } }

  /// Tries each folder.
  func look() -> View {
    var view = View()
    current.withLock { $0 = folders.processed.string }
    do {
      if try store.folders.room().isUsedUp {
        view.obstacles.append(Status.fullItem(store.folders.lackOfRoom))
      }
    } catch {
      view.obstacles.append(
        Verdict.Item(
          "folder", .needsPerson, Message(StatusMessage.folderFails, ["why": .text("\(error)")]),
          advice: error.adviceMessage))
    }
    let all = [
      ("processed", folders.processed), ("retry", folders.retry), ("failed", folders.failed), ("state", folders.state),
    ]
    for (name, path) in all {
      current.withLock { $0 = path.string }
      do {
        let folder = try Folder(at: path, files: SystemFiles())
        // The way records are created: a file without a name, which nobody sees and which leaves nothing behind.
        _ = try UnnamedFile(in: folder, mode: 0o600)
        if name == "processed" || name == "state" { view.space.append((name, try folder.space())) }
      } catch {
        // A full disk has already been reported.
        guard error.errno != .noSpace else { continue }
        view.obstacles.append(
          Verdict.Item(
            "folder", .needsPerson,
            Message(StatusMessage.folderNotWritable, ["name": .text(name), "why": .text("\(error)")]),
            advice: error.adviceMessage, subject: name))
      }
    }
    return view
  }
}
