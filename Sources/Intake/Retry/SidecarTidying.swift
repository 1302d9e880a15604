internal import Catalog
internal import DurableFiles
internal import Events
internal import Failures
internal import Time

/// Removes sidecars from `retry/` and `failed/` whose files a person has moved away.
struct SidecarTidying {
  private let retry: FailureFolder
  private let failed: FailureFolder
  private let clock: any WallClock
  /// Sidecars with the name of a file that was moved away without them: the inbox that it was moved to needs them.
  private var lonely: [FailedPlace: LonelyReports]
  /// When `failed/` last changed, as of the last tidying.
  private var failedChanged: Int64?
  /// How long they are kept for that.
  private static let patience = Duration.seconds(600)

  init(retry: FailureFolder, failed: FailureFolder, clock: any WallClock) {
    self.retry = retry
    self.failed = failed
    self.clock = clock
    let none = LonelyReports(patience: Self.patience)
    lonely = [retry.place: none, failed.place: none]
  }

  /// Tidies both folders.
  ///
  /// - Parameter isStopping: Called between files.
  /// - Throws: `FileFailure`.
  mutating func tidy(until isStopping: () -> Bool) throws(FileFailure) {
    try tidy(retry, until: isStopping)
    let changed = try failed.folder.status().modified
    guard changed != failedChanged else { return }
    try tidy(failed, until: isStopping)
    guard !isStopping(), lonely[.failed]?.isEmpty ?? true else { return }
    // A second change within one tick of the file system's clock would look the same.
    let age = clock.now() - Timestamp(nanoseconds: changed)
    failedChanged = age > .seconds(2) ? changed : nil
  }

  /// The files that were moved away, but whose sidecars are kept.
  var filesWithLonelyReports: Set<FileName> { Set(lonely.values.flatMap { Array($0.files) }) }

  /// Removes kept sidecars early.
  ///
  /// - Parameter files: The files.
  /// - Throws: `FileFailure`.
  mutating func removeLonely(of files: Set<FileName>) throws(FileFailure) {
    for folder in [retry, failed] {
      for file in files where lonely[folder.place]?.contains(file) ?? false {
        guard try folder.removeLonelySidecar(of: file) else { continue }
        lonely[folder.place]?.remove(file)
      }
    }
  }

  private mutating func tidy(_ folder: FailureFolder, until isStopping: () -> Bool) throws(FileFailure) {
    var sidecars: [FileName] = []
    var files: Set<FileName> = []
    try folder.folder.forEachEntry { name, _ in
      if name.isSidecar { sidecars.append(name) } else { files.insert(name) }
    }
    var still: Set<FileName> = []
    defer { lonely[folder.place]?.keep(still.contains) }
    for sidecar in sidecars {
      guard let name = sidecar.withoutSidecarEnding, !files.contains(name) else { continue }
      guard !isStopping() else { return }
      // Checked again: it may have come after its place in the folder was read.
      do throws(FileFailure) {
        guard try folder.folder.status(of: name) == nil else { continue }
        let now = clock.uptime()
        if let isWaiting = lonely[folder.place]?.isWaiting(name, at: now) {
          still.insert(name)
          if isWaiting { continue }
        } else {
          guard let report = try folder.report(of: name) else { continue }
          if report.tellsAnotherName(than: name) {
            still.insert(name)
            lonely[folder.place]?.add(name, since: now)
            continue
          }
        }
        try folder.removeLonelySidecar(of: name)
      } catch {
        // It stays until it can be removed, and delays nobody.
        guard !error.isOfTheMachine, (try? folder.folder.status()) != nil else { throw error }
      }
    }
  }
}
