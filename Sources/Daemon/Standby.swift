internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Glibc
internal import Logging
internal import Settings
internal import SystemPackage
internal import Time

/// Takes the lock of the state folder; with `standby: true`, waits until the process that holds it is gone.
struct Standby: Sendable {
  enum Outcome: Sendable {
    case taken(FileLock)
    /// SIGHUP came while it waited.
    case isToReload
    /// SIGTERM or SIGINT came while it waited.
    case isToStop
  }

  private let configuration: Configuration
  private let clock: any WallClock
  private let signals: ProcessSignals
  private let logger: Logger
  /// The maximum time until it takes over once the lock is free.
  private static let interval = Duration.milliseconds(500)

  init(_ configuration: Configuration, clock: any WallClock, signals: ProcessSignals, logger: Logger) {
    self.configuration = configuration
    self.signals = signals
    self.clock = clock
    self.logger = logger
  }

  /// - Throws: `DaemonError` if another process holds the lock and is not to be waited for, or if the lock cannot be
  ///   tested.
  func takeLock() async throws(DaemonError) -> Outcome {
    let holder: Int32?
    switch try attempt() {
    case .taken(let lock): return .taken(lock)
    case .held(let process): holder = process
    }
    guard configuration.standby else {
      throw .locked(by: holder, state: configuration.store.layout.state.string, configuration.language)
    }
    do {
      return try await wait(for: holder)
    } catch let error as DaemonError {
      throw error
    } catch {
      return .isToStop
    }
  }

  private func wait(for holder: Int32?) async throws -> Outcome {
    logger.notice(
      "standing by: another process works on this state folder, and this one takes over when it is gone",
      metadata: ["active": "\(holder.map { "\($0)" } ?? "unknown")", "state": "\(configuration.store.layout.state)"])
    ServiceManager.current?.reportReady("standing by")
    return try await withThrowingTaskGroup(of: Outcome.self) { group in
      group.addTask {
        await signals.wait()
        if signals.isToStop { return .isToStop }
        // The reload is taken by whoever reads the configuration: if the lock comes at the same time, nothing is lost.
        guard signals.isToReload else { throw CancellationError() }
        return .isToReload
      }
      group.addTask {
        while true {
          try await clock.sleep(for: Self.interval)
          ServiceManager.current?.reportAlive()
          if case .taken(let lock) = try attempt() {
            logger.notice("taking over")
            return .taken(lock)
          }
        }
      }
      defer { group.cancelAll() }
      return try await group.next() ?? .isToStop
    }
  }

  private enum Attempt {
    case taken(FileLock)
    case held(by: Int32?)
  }

  private func attempt() throws(DaemonError) -> Attempt {
    do {
      return .taken(try StateLock.take(configuration))
    } catch {
      switch error {
      case .held(let process): return .held(by: process)
      case .failed(let failure): throw .store(.files(failure))
      }
    }
  }
}

/// The lock on a state folder, held by one process at a time.
enum StateLock {
  static func take(_ configuration: Configuration) throws(FileLockError) -> FileLock {
    let mode = configuration.store.layout.folderMode
    ProcessLimits.setMask(forFolderMode: mode)
    ProcessLimits.raiseOpenFiles()
    let state: Folder
    do {
      state = try Folder.opening(configuration.store.layout.state, makingWithMode: mode, files: SystemFiles())
    } catch {
      throw .failed(error)
    }
    return try FileLock.take(FileName("lock"), in: state, mode: mode & 0o666, processID: getpid())
  }

  /// The same for commands that cannot work beside another process.
  ///
  /// - Throws: `DaemonError`, with the process that holds it, or if a folder of the store does not answer.
  static func takeAlone(_ configuration: Configuration) throws(DaemonError) -> FileLock {
    try configuration.expectAnswers()
    do {
      return try take(configuration)
    } catch {
      switch error {
      case .held(let process):
        throw .locked(by: process, state: configuration.store.layout.state.string, configuration.language)
      case .failed(let failure): throw .store(.files(failure))
      }
    }
  }
}
