internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Operations
internal import ServiceLifecycle
internal import Settings
internal import Time

/// Leaves a note in the state folder about why the daemon's services are blocked, for `eventdrop status`.
struct TroubleService: Service {
  let configuration: Configuration
  let health: ServiceHealth
  let clock: any WallClock
  private static let interval = Duration.seconds(1)

  func run() async throws {
    await cancelWhenGracefulShutdown {
      // What an earlier daemon left is replaced first.
      var written: Troubles?
      while (try? await clock.sleep(for: Self.interval)) != nil {
        let troubles = Troubles(health.troubles)
        guard troubles != written else { continue }
        do {
          let state = try Folder(at: configuration.store.layout.state, files: SystemFiles())
          try troubles.write(to: state, mode: configuration.store.layout.folderMode & 0o666, in: configuration.language)
          written = troubles
        } catch {
          // It is tried again. A service that ended would end the others; if the disk is full, others report that.
          continue
        }
      }
    }
  }
}
