package import Catalog
internal import DurableFiles
internal import EventStore
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
    await cancelWhenGracefulShutdown {
      var opened: Folder?
      while (try? await clock.sleep(for: Self.interval)) != nil {
        do throws(FileFailure) {
          let folder: Folder
          if let opened { folder = opened } else { folder = try Folder(at: state, files: SystemFiles()) }
          opened = folder
          guard try folder.status(of: Flushing.wish) != nil else { continue }
          // Taken away first: whoever asks again meanwhile is heard again.
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
    /// A daemon is running, but did not respond in time.
    case notHeard
  }

  /// Asks the daemon, and waits until it has seen the request.
  ///
  /// - Returns: What came of it.
  /// - Throws: `StorageError` where nobody can say whether one runs, or the wish cannot be put down.
  package static func run(_ configuration: Configuration) async throws(StorageError) -> Outcome {
    let path = configuration.store.layout.state
    do throws(FileFailure) {
      guard let folder = try Folder.openingIfThere(path, files: configuration.patientFiles()),
        FileLock.isHeld(FileName("lock"), in: folder)
      else { return .notRunning }
      ProcessLimits.setMask(forFolderMode: configuration.store.layout.folderMode)
      _ = try UnnamedFile(in: folder, mode: configuration.store.layout.folderMode & 0o666).publish(as: wish)
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
