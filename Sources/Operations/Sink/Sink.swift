internal import Glibc
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import Synchronization
package import Time
internal import UnixSignals

/// A stand-in for the n8n webhook: accepts what eventdrop sends, prints it and answers as configured.
package struct Sink: Service {
  private let options: SinkOptions
  private let writer: LineWriter
  private let announcer: LineWriter
  private let clock: any WallClock
  private let onListening: @Sendable (SinkAddress) -> Void

  /// A sink, which listens once it is run.
  ///
  /// - Parameters:
  ///   - options: How it behaves.
  ///   - writer: Where it prints what it receives.
  ///   - announcer: Where it prints its address while `writer` is for a program.
  ///   - clock: The time, and waiting.
  ///   - onListening: Called with the actual address as soon as connections are accepted.
  package init(
    _ options: SinkOptions, writer: LineWriter = .standardOutput, announcer: LineWriter = .standardError,
    clock: any WallClock = SystemClock(), onListening: @escaping @Sendable (SinkAddress) -> Void = { _ in }
  ) {
    self.options = options
    self.writer = writer
    self.announcer = options.output == .json ? announcer : writer
    self.clock = clock
    self.onListening = onListening
  }

  /// Serves until SIGINT or SIGTERM.
  ///
  /// - Throws: `SinkError` if it cannot listen.
  package func serveUntilSignal() async throws(SinkError) {
    var configuration = ServiceGroupConfiguration(
      services: [.init(service: self, successTerminationBehavior: .gracefullyShutdownGroup)],
      gracefulShutdownSignals: [.sigint, .sigterm], logger: Self.silence)
    // Whoever stops a stand-in does not want to wait for a client that is halfway through a request.
    configuration.maximumGracefulShutdownDuration = .seconds(1)
    do {
      try await ServiceGroup(configuration: configuration).run()
    } catch {
      throw error as? SinkError ?? .failed(options.address, "\(error)")
    }
  }

  /// Serves until it is shut down gracefully or cancelled.
  ///
  /// - Throws: `SinkError` if it cannot listen.
  package func run() async throws {
    let desk = SinkDesk(options, writer: writer)
    let isStopping = Atomic(false)
    let application = Application(
      responder: SinkResponder(options: options, desk: desk, clock: clock),
      configuration: ApplicationConfiguration(address: .hostname(options.address.host, port: options.address.port)),
      onServerRunning: { channel in
        var address = options.address
        address.port = channel.localAddress?.port ?? address.port
        announce(address)
        onListening(address)
      },
      logger: Self.silence)
    do {
      try await withTaskCancellationOrGracefulShutdownHandler {
        try await application.run()
      } onCancelOrGracefulShutdown: {
        isStopping.store(true, ordering: .relaxed)
      }
    } catch {
      // Connections closed while it stops are not a failure.
      if !isStopping.load(ordering: .relaxed) { throw SinkError(error, at: options.address) }
    }
    if options.output != .json { writer.write(desk.summary.utf8) }
    if let held = desk.held { report(held) }
  }

  /// Prints how many copies of each event would be processed once something is there to do it.
  private func report(_ held: [(eventId: String, copies: Int)]) {
    guard options.output == .json else {
      writer.write(lines: held.map { "holds \(LogText.value($0.eventId))  \($0.copies)" })
      return
    }
    var line = Array(#"{"held":{"#.utf8)
    for (index, event) in held.enumerated() {
      if index > 0 { line.append(0x2C) }
      LogText.appendQuoted(event.eventId, to: &line)
      line.append(contentsOf: ":\(event.copies)".utf8)
    }
    line.append(contentsOf: "}}".utf8)
    writer.write(line)
  }

  private func announce(_ address: SinkAddress) {
    announcer.write(lines: [
      "listening on http://\(address); Ctrl-C ends it",
      "N8N_WEBHOOK_URL=http://\(address)/webhook/eventdrop",
    ])
  }

  /// The sink's own lines say all there is to say.
  private static let silence = Logger(label: "sink") { _ in SwiftLogNoOpLogHandler() }
}

/// Why the sink cannot serve.
package enum SinkError: Error, Hashable, Sendable {
  case portIsTaken(SinkAddress)
  case portIsReserved(SinkAddress)
  case noSuchAddress(SinkAddress)
  case failed(SinkAddress, String)

  init(_ error: any Error, at address: SinkAddress) {
    switch (error as? IOError)?.errnoCode {
    case EADDRINUSE: self = .portIsTaken(address)
    case EACCES: self = .portIsReserved(address)
    case EADDRNOTAVAIL, EAFNOSUPPORT: self = .noSuchAddress(address)
    default: self = .failed(address, "\(error)")
    }
  }
}

extension SinkError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .portIsTaken(let address):
      "port \(address.port) of \(address.host) is taken; stop what listens there (perhaps n8n itself or another sink), "
        + "or choose another port, as --listen \(SinkAddress.anyPort(of: address))"
    case .portIsReserved(let address):
      "port \(address.port) is for the system's own services; choose one from 1024 on, as --listen \(SinkAddress.standard)"
    case .noSuchAddress(let address):
      "this machine has no address \(address.host); choose another, as --listen \(SinkAddress.standard)"
    case .failed(let address, let reason): "cannot listen on \(address): \(reason)"
    }
  }
}

extension SinkAddress {
  fileprivate static func anyPort(of address: SinkAddress) -> SinkAddress {
    var other = address
    other.port = 0
    return other
  }
}
