internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Events
internal import Glibc
internal import Operations
internal import Settings
internal import SystemPackage

/// Tries folders without leaving anything in them.
struct FolderCheck {
  let files: PatientFiles

  /// Whether a folder can be worked in; one that is missing, whether it can be made.
  func run(_ key: String, _ name: Message, _ path: FilePath, _ language: Language) -> Check.Finding {
    do {
      let folder = try Folder(at: path, files: files)
      try tryWriting(in: folder)
      let space = try folder.space()
      let isEnough = space.bytes >= 64 << 20 && space.inodes.map { $0 >= 1000 } ?? true
      let message = Message(
        isEnough ? CheckMessage.writable : .littleSpace,
        [
          "name": .message(name), "path": .text(path.string),
          "space": .text(SizeWords.text(of: space.bytes, in: language)),
        ])
      return Check.Finding(isEnough ? .good : .warning, key, message)
    } catch  where error.errno == .noSuchFileOrDirectory {
      return missing(key, name, path)
    } catch {
      return Check.Finding(.wrong, key, failing(.folderFails, error))
    }
  }

  private func failing(_ code: CheckMessage, _ error: FileFailure) -> Message {
    Message(code, ["why": .text("\(error)"), "advice": .message(error.adviceMessage)])
  }

  private func missing(_ key: String, _ name: Message, _ path: FilePath) -> Check.Finding {
    var parent = path.removingLastComponent()
    while !parent.isEmpty, parent != parent.removingLastComponent(), access(parent.string, F_OK) != 0, errno == ENOENT {
      parent = parent.removingLastComponent()
    }
    guard access(parent.string, W_OK | X_OK) == 0 else {
      let failure = FileFailure("make the folder", path.spelled, Errno(rawValue: errno))
      return Check.Finding(.wrong, key, Message(CheckMessage.notMade, ["why": .text("\(failure)")]))
    }
    return Check.Finding(
      .good, key, Message(CheckMessage.missing, ["name": .message(name), "path": .text(path.string)]))
  }

  /// What the daemon does there, except that the file does not keep a name.
  private func tryWriting(in folder: Folder) throws(FileFailure) {
    try make(ownName, in: folder)
    try folder.remove(ownName)
  }

  /// Creates a file, without leaving behind the folder that some file systems need for that.
  private func make(_ name: FileName, in folder: Folder) throws(FileFailure) {
    let hasSpareFolder = try folder.status(of: UnnamedFile.spareFolder) != nil
    defer { if !hasSpareFolder { try? folder.removeFolder(UnnamedFile.spareFolder) } }
    let file = try UnnamedFile(in: folder, mode: 0o600)
    try file.write([0x20].span)
    try file.sync()
    guard try file.publish(as: name) else {
      throw FileFailure("name a file", folder.pathText(of: name), .fileExists)
    }
  }

  /// Hidden, so that no inbox takes it up.
  private var ownName: FileName { FileName(".eventdrop-check-\(getpid())") }

  /// Claims a file and puts it back, as the daemon does with drops.
  ///
  /// - Returns: Nil if the folders that this needs do not exist yet.
  func tryClaim(_ key: String, _ inbox: InboxSettings, state: FilePath) -> Check.Finding? {
    guard let source = try? Folder(at: inbox.path, files: files) else { return nil }
    let name = ownName
    func good(_ code: CheckMessage) -> Check.Finding {
      Check.Finding(.good, key, Message(code, ["name": .message(Self.name(of: inbox))]))
    }
    do throws(FileFailure) {
      try make(name, in: source)
      defer { try? source.remove(name) }
      for path in [state.appending("claims").appending(inbox.name), inbox.path.appending(".eventdrop-claims")] {
        guard let claims = try Folder.openingIfThere(path, files: files) else { continue }
        switch try source.rename(name, to: claims, as: name) {
        case .done:
          defer { try? claims.remove(name) }
          guard try claims.rename(name, to: source, as: name) == .done else { continue }
          return good(.claimable)
        case .otherFileSystem, .nameTaken, .missing: continue
        }
      }
      // Before the first start, or if they are created with the first claim: at least a rename of the required kind.
      let other = FileName(".eventdrop-check-\(getpid())~")
      guard try source.rename(name, to: source, as: other) == .done else { return nil }
      try source.remove(other)
      return good(.renamable)
    } catch {
      return Check.Finding(.wrong, key, failing(.notClaimable, error))
    }
  }

  /// The name of an inbox for people.
  static func name(of inbox: InboxSettings) -> Message { Message(CheckMessage.inbox, ["name": .text(inbox.name)]) }

  /// Folders with different paths that are the same on this machine, through links or mounts.
  func sameFolders(_ configuration: Configuration) -> [Problem] {
    let folders: [(String, String?, FilePath)] =
      configuration.inboxes.enumerated().map { ("inboxes[\($0)].path", $1.name, $1.path) } + [
        ("folders.processed", nil, configuration.store.layout.processed),
        ("folders.retry", nil, configuration.store.layout.retry),
        ("folders.failed", nil, configuration.store.layout.failed),
        ("folders.state", nil, configuration.store.layout.state),
      ]
    var seen: [(key: String, inbox: String?, status: FileStatus)] = []
    var found: [Problem] = []
    for (key, inbox, path) in folders {
      guard let status = try? Folder(at: path, files: files).status() else { continue }
      if let other = seen.first(where: { $0.status.isSameFile(as: status) }) {
        let message = Message(
          WarningMessage.sameFolder,
          [
            "path": .text(path.string), "inbox": .text(other.inbox ?? ""),
            "key": .text(other.inbox == nil ? other.key : ""),
          ])
        found.append(configuration.problem(at: key, message))
      }
      seen.append((key, inbox, status))
    }
    return found
  }
}
