package import EventStore
internal import Glibc
internal import Hummingbird
package import Logging
internal import NIOCore
package import Schedules
internal import ServiceLifecycle
package import Settings

/// Health, metrics and the page, over HTTP.
///
/// Where it cannot listen it says so, and the rest of the daemon works on without it.
package struct AdminServer: Service {
  private let listen: ListenAddress
  private let responder: AdminResponder
  private let logger: Logger

  /// A server, which listens once it is run.
  ///
  /// - Parameters:
  ///   - listen: Where.
  ///   - configuration: What the daemon works by.
  ///   - board: Who looks at the daemon.
  ///   - registry: What was counted.
  ///   - store: The folders whose events are asked for.
  ///   - version: The program's.
  ///   - startedAt: When it began.
  ///   - logger: What is told to the operator.
  package init(
    _ listen: ListenAddress, _ configuration: Configuration, board: StatusBoard, registry: MetricsRegistry,
    store: StoreOptions, version: String, startedAt: Timestamp, logger: Logger
  ) {
    self.listen = listen
    self.logger = logger
    responder = AdminResponder(
      access: AdminAccess(listen, token: configuration.admin.token), board: board, desk: EventDesk(store),
      metrics: DaemonMetrics(registry: registry, board: board, version: version, startedAt: startedAt),
      zone: configuration.timezone, partitionZone: configuration.processed.timezone)
  }

  /// Serves until it is shut down.
  package func run() async throws {
    let application = Application(
      responder: responder,
      server: .http1(configuration: .init(idleTimeout: .seconds(120))),
      configuration: ApplicationConfiguration(
        address: .hostname(listen.host, port: listen.port),
        availableConnectionsDelegate: .maximum(Self.connectionLimit, logger: Self.silence)),
      onServerRunning: { channel in
        var address = listen
        address.port = channel.localAddress?.port ?? address.port
        logger.notice("the page is at http://\(address)/")
      },
      logger: Self.silence)
    do {
      // A browser that keeps its connection open is not waited for.
      try await cancelWhenGracefulShutdown { try await application.run() }
    } catch is CancellationError {
      return
    } catch {
      guard !Task.isShuttingDownGracefully, !Task.isCancelled else { return }
      logger.warning(
        "there is no page, no metrics and no health check; everything else works",
        metadata: ["listen": "\(listen)", "why": "\(why(error))"])
    }
    try? await gracefulShutdown()
  }

  private func why(_ error: any Error) -> String {
    switch (error as? IOError)?.errnoCode {
    case EADDRINUSE: "the port is taken; stop what listens there, or set admin.listen to another port, or off"
    case EACCES: "the port is for the system's own services; set admin.listen to one from 1024 on"
    case EADDRNOTAVAIL, EAFNOSUPPORT: "this machine has no such address; set admin.listen to one that it has"
    default: "\(error)"
    }
  }

  /// More than any operator's screens and scrapers need, and few enough not to take descriptors from the drops.
  private static let connectionLimit = 64

  /// What is wrong with a request is told to whoever sent it, not to the log.
  private static let silence = Logger(label: "admin") { _ in SwiftLogNoOpLogHandler() }
}
