internal import Catalog
internal import EventStore
internal import Glibc
internal import Hummingbird
package import Logging
internal import NIOCore
internal import ServiceLifecycle
package import Settings
package import Time

/// Health, metrics and the page, over HTTP.
///
/// If it cannot listen, it says so, and the rest of the daemon works without it.
package struct AdminServer: Service {
  private let listen: ListenAddress
  private let responder: AdminResponder
  private let logger: Logger
  private let connections = AdminConnections()

  /// A server, which listens once it is run.
  ///
  /// - Parameters:
  ///   - listen: Where to listen.
  ///   - configuration: The daemon's configuration.
  ///   - file: Its path.
  ///   - board: Looks at the daemon.
  ///   - registry: The metrics.
  ///   - version: The program's version.
  ///   - startedAt: When it started.
  ///   - actions: What a person may do from the page, if `admin.actions` allows it.
  ///   - logger: What is reported to the operator.
  package init(
    _ listen: ListenAddress, _ configuration: Configuration, from file: String, board: StatusBoard,
    registry: MetricsRegistry,
    version: String, startedAt: Timestamp, actions: AdminActions, logger: Logger
  ) {
    self.listen = listen
    self.logger = logger
    responder = AdminResponder(
      access: AdminAccess(listen, token: configuration.admin.token), connections: connections,
      guardian: TokenGuard(clock: board.clock, logger: logger), board: board,
      desk: EventDesk(board.index, language: board.language),
      actions: configuration.admin.mayAct ? ActionDesk(actions) : nil,
      patience: Patience(by: board.clock),
      metrics: DaemonMetrics(registry: registry, board: board, version: version, startedAt: startedAt),
      configurationFile: file, title: Self.title(of: configuration), zone: configuration.timezone,
      partitionZone: configuration.store.layout.timeZone)
  }

  /// Serves until it is shut down.
  package func run() async throws {
    let application = Application(
      responder: responder,
      server: .http1(
        configuration: .init(additionalChannelHandlers: [AdminConnections.Entrance(connections)])),
      configuration: ApplicationConfiguration(address: .hostname(listen.host, port: listen.port)),
      onServerRunning: { channel in
        var address = listen
        address.port = channel.localAddress?.port ?? address.port
        logger.notice("the page is at http://\(address)/")
      },
      logger: Self.silence)
    // The first look at many failed files takes a while; later requests find it done.
    let warming = Task { [responder] in await responder.board.warmUp() }
    defer { warming.cancel() }
    do {
      // It does not wait for a browser that keeps its connection open.
      try await cancelWhenGracefulShutdown { try await application.run() }
    } catch is CancellationError {
      return
    } catch {
      guard !Task.isShuttingDownGracefully, !Task.isCancelled else { return }
      logger.warning(
        "there is no page, no metrics and no health check; everything else works",
        metadata: ["listen": "\(listen)", "error": "\(why(error))"])
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

  /// The name of an installation.
  package static func title(of configuration: Configuration) -> String { configuration.admin.title ?? hostName }

  /// The host's name; `eventdrop` if it has none.
  package static var hostName: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "eventdrop" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// What is wrong with a request is reported to its sender, not to the log.
  private static let silence = Logger(label: "admin") { _ in SwiftLogNoOpLogHandler() }
}
