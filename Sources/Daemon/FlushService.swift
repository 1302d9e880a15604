internal import DurableFiles
package import EventStore
internal import Logging
internal import ServiceLifecycle
package import Settings
internal import SystemPackage
internal import Time

/// Does at once what waits for its time, when `eventdrop flush` asks for it: with a file in the state folder, which
/// also reaches a daemon in another container, and needs no port.
struct FlushService: Service {
  let state: FilePath
  let clock: any WallClock
  let logger: Logger
  /// Ends all pauses.
  let flush: @Sendable () async -> Void
  /// How soon a request is seen.
  private static let interval = Duration.milliseconds(500)

  func run() async throws {
    let folder = try? Folder(at: state, files: SystemFiles())
    await cancelWhenGracefulShutdown {
      while (try? await clock.sleep(for: Self.interval)) != nil {
        guard let folder, (try? folder.status(of: Flushing.wish)) ?? nil != nil else { continue }
        do throws(FileFailure) {
          // Removed first, so that a request made meanwhile is seen as well.
          try folder.remove(Flushing.wish)
        } catch {
          logger.warning(
            "the request of eventdrop flush cannot be read",
            metadata: ["error": "\(error)", "advice": "\(error.advice)"])
          try? await clock.sleep(for: .seconds(60))
          continue
        }
        logger.notice("somebody asked to flush: looking, retrying and sending now")
        await flush()
      }
    }
  }
}

/// `eventdrop flush`: makes the running daemon do now what it would do later.
package enum Flushing {
  static let wish = FileName("flush")

  package enum Outcome: Sendable {
    case done
    case notRunning
    /// A daemon is running, but has not taken up the request in time.
    case notHeard
  }

  /// Asks the daemon, and waits until it has seen the request.
  ///
  /// - Returns: The outcome.
  /// - Throws: `StorageError` if the request cannot be written.
  package static func run(_ configuration: Configuration) async throws(StorageError) -> Outcome {
    let path = configuration.store.state
    guard let folder = try? Folder(at: path, files: SystemFiles()), FileLock.isHeld(FileName("lock"), in: folder) else {
      return .notRunning
    }
    do throws(FileFailure) {
      ProcessLimits.setMask(forFolderMode: configuration.store.folderMode)
      _ = try UnnamedFile(in: folder, mode: configuration.store.folderMode & 0o666).publish(as: wish)
      let clock = SystemClock()
      for _ in 0..<100 {
        if try folder.status(of: wish) == nil { return .done }
        try? await clock.sleep(for: .milliseconds(100))
      }
      try folder.remove(wish)
      return .notHeard
    } catch {
      throw .files(error)
    }
  }
}
