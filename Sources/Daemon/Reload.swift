internal import Logging
internal import ServiceLifecycle
internal import Settings
internal import Synchronization
internal import SystemPackage

/// Waits for SIGHUP, and reads the configuration again; an invalid one is logged and ignored.
struct Reload: Service {
  /// What the daemon continues with.
  struct Next: Sendable {
    var configuration: Configuration
    /// The folder that was replaced by another, if that is why it starts again.
    var replacedFolder: FilePath?
    /// Whether the catalog is to be rebuilt.
    var isCatalogDamaged = false
  }

  /// What was found, and whom to notify.
  final class Found: Sendable {
    private struct State {
      var next: Next?
      var action: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    var next: Next? { state.withLock { $0.next } }

    func onFound(_ action: @escaping @Sendable () -> Void) {
      state.withLock { $0.action = action }
    }

    func set(_ next: Next) {
      let action = state.withLock { state in
        state.next = next
        return state.action
      }
      action?()
    }
  }

  let file: ConfigurationFile
  let signals: ProcessSignals
  let logger: Logger
  let found = Found()

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled, !signals.isToStop {
        await signals.wait()
        guard signals.takeReload(), let configuration = Self.load(file, logger) else { continue }
        logger.notice("the configuration was read again", metadata: ["file": "\(file.name)"])
        found.set(Next(configuration: configuration))
        break
      }
    }
    // A service that ends by itself would end the others.
    try? await gracefulShutdown()
  }

  /// The current configuration in the file; nil if it is invalid, which is logged.
  static func load(_ file: ConfigurationFile, _ logger: Logger) -> Configuration? {
    do {
      return try file.load()
    } catch {
      logger.error(
        "the configuration has mistakes and is not taken; the old one stays", metadata: ["error": "\(error)"])
      return nil
    }
  }
}
