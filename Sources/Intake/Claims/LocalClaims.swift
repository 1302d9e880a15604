internal import DurableFiles
internal import Logging
internal import SystemPackage

/// The folder of claims within the source folder, if claims cannot be in `state/`.
final class LocalClaims {
  private let source: Folder
  /// The path of the `state/` to which it belongs.
  private let state: String
  private let logger: Logger
  /// The folder; nil while it is not open.
  private(set) var folder: Folder?
  /// Keeps others out; nil if an earlier owner in this process still has it.
  private var lock: FileLock?
  private var refused: Set<FileName> = []
  private static let name = FileName(".eventdrop-claims")
  /// It is private, whatever mode other folders have.
  private static let mode: UInt32 = 0o700

  init(in source: Folder, of state: Folder, logger: Logger) {
    self.source = source
    self.state = state.path.string
    self.logger = logger
  }

  /// Opens the folder of claims in the folder itself: only one that is ours, and closed to others.
  ///
  /// Somebody else's folder of that name could be emptied by them, or filled.
  func open(making: Bool) throws(FileFailure) -> Folder? {
    if let folder { return folder }
    let names = AlternativeNames(Self.name)
    var others: [(name: FileName, status: FileStatus)] = []
    for number in 1...20 {
      let candidate = names.candidate(number)
      if let status = try source.status(of: candidate) {
        if status.kind == .folder {
          if status.isOursAlone {
            switch try ownership(of: try source.folder(candidate)) {
            case .ours(let folder): return folder
            case .others(let owner):
              logOwner(candidate, owner)
              continue
            }
          }
          others.append((candidate, status))
        }
        logRefused(candidate)
        continue
      }
      guard making else { return nil }
      let made = try source.folder(candidate, makingWithMode: Self.mode)
      let status = try made.status()
      // If even one that we have just created does not look like ours, owners and modes mean nothing there.
      if !status.isOursAlone,
        let earlier = others.first(where: { $0.status.owner == status.owner && $0.status.mode == status.mode })
      {
        try source.removeFolder(candidate)
        return try openEarlier(earlier.name)
      }
      switch try ownership(of: made) {
      case .ours(let folder): return folder
      case .others(let owner): logOwner(candidate, owner)
      }
    }
    throw FileFailure("make a folder of claims in", source.path.spelled, .fileExists)
  }

  private func openEarlier(_ name: FileName) throws(FileFailure) -> Folder {
    let opened = try source.folder(name)
    folder = opened
    return opened
  }

  private enum Ownership {
    case ours(Folder)
    case others(String)
  }

  static let lockName = FileName("lock")

  /// The `state/` that a folder of claims names as its owner; nil if it names none.
  static func owner(of claims: Folder) throws(FileFailure) -> String? {
    let text = try claims.read(lockName, limit: 1 << 16).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return text.split(separator: "\n").dropFirst().first.map(String.init)
  }

  /// Whether a folder of claims belongs to this eventdrop: another one's claims are never taken up.
  ///
  /// Its lock names the `state/` that it belongs to, and is held by the process that works there.
  private func ownership(of folder: Folder) throws(FileFailure) -> Ownership {
    let own = state
    let named = try Self.owner(of: folder)
    let isFree = !FileLock.isHeld(Self.lockName, in: folder)
    let holder = FileLock.holder(Self.lockName, in: folder)
    if let named, named != own {
      // The claims of a `state/` that no longer exists belong to nobody; one that does not answer exists.
      let isThere = Self.isThere(FilePath(named), PatientFiles(source.files))
      guard isFree, !isThere else { return .others(named) }
    }
    do {
      lock = try FileLock.take(
        Self.lockName, in: folder, mode: 0o600, processID: ProcessLimits.processID, note: own)
    } catch {
      switch error {
      // Some network file systems have no locks: there, owner and note have to do.
      case .failed(let failure): guard failure.operation == "lock" else { throw failure }
      case .held: guard named == own, holder == ProcessLimits.processID else { return .others(named ?? "unknown") }
      }
    }
    self.folder = folder
    return .ours(folder)
  }

  private static func isThere(_ path: FilePath, _ files: PatientFiles) -> Bool {
    do throws(FileFailure) {
      _ = try Folder(at: path, files: files)
      return true
    } catch {
      return error.errno == .timedOut
    }
  }

  private func logOwner(_ name: FileName, _ owner: String) {
    guard refused.insert(name).inserted else { return }
    logger.warning(
      "another eventdrop works on this folder and has its claims here; another folder is used for ours",
      metadata: ["path": "\(source.pathText(of: name))", "state": "\(owner)"])
  }

  private func logRefused(_ name: FileName) {
    guard refused.insert(name).inserted else { return }
    logger.warning(
      "a folder has the name of eventdrop's own claims and is not its own, or is open to others; another one is used",
      metadata: ["path": "\(source.pathText(of: name))"])
  }

  /// Whether its name still leads to it, if it is open; if not, its content has to be put back.
  var isInPlace: Bool {
    guard let folder, let status = try? folder.status() else { return true }
    let names = AlternativeNames(Self.name)
    for number in 1...20 {
      guard let there = (try? source.status(of: names.candidate(number))) ?? nil else { continue }
      if there.isSameFile(as: status) { return true }
    }
    return false
  }

  /// Closes it.
  func close() {
    folder = nil
    lock = nil
  }

  /// Forgets a folder to which claims cannot be moved any more.
  func forget() { folder = nil }
}

extension FileStatus {
  /// Whether it belongs to this process's user, and nobody else may create or remove names in it.
  fileprivate var isOursAlone: Bool { owner == ProcessLimits.user && mode & 0o022 == 0 }
}
