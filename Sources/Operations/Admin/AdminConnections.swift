internal import NIOCore
internal import Synchronization

/// The open connections to the page: a client that has not been let in cannot use up what others need.
///
/// There is always room for one more: it takes the place of a connection that was refused or is idle, first of those
/// that were never let in, and of the peer with most of them. Connections that are idle for long are closed anyway.
final class AdminConnections: Sendable {
  private struct Connection {
    var channel: any Channel
    var peer: String
    /// Whether its last request was let in.
    var isKnown = false
    /// Whether its last request was refused: it waits for its answer, or for a better guess.
    var isRefused = false
    /// How many of its requests are being answered.
    var requests = 0
    /// When it was opened, or got its last answer.
    var since: NIODeadline
  }

  private let connections = Mutex<[ObjectIdentifier: Connection]>([:])
  /// How many may be open at a time: more than any operator's screens and scrapers need, and few enough not to take
  /// descriptors from the drops.
  private static let limit = 64
  /// How many of these one peer may have before only its own make room for another one of its own.
  private static let limitOfPeer = 48
  /// How long a connection that was never let in may be idle.
  private static let patience = TimeAmount.seconds(10)
  /// The same for one that was let in.
  private static let patienceWithKnown = TimeAmount.seconds(120)

  /// Adds a connection, and closes another if there are too many.
  func open(_ channel: any Channel) {
    let key = ObjectIdentifier(channel)
    let peer = Self.peer(of: channel)
    let victim = connections.withLock { connections in
      connections[key] = Connection(channel: channel, peer: peer, since: .now())
      // It no longer counts from now on, though its end may take a moment.
      let victim = Self.victim(among: connections, newest: key, peer)
      if let victim { connections[ObjectIdentifier(victim)] = nil }
      return victim
    }
    victim?.close(promise: nil)
    channel.closeFuture.whenComplete { _ in self.connections.withLock { connections in connections[key] = nil } }
    let check = channel.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(5), delay: .seconds(5)) {
      [weak channel] _ in
      if let channel { self.closeIfIdle(channel) }
    }
    channel.closeFuture.whenComplete { _ in check.cancel() }
  }

  /// Notes that a request has arrived, until `end`.
  func begin(_ channel: any Channel) {
    connections.withLock { $0[ObjectIdentifier(channel)]?.requests += 1 }
  }

  /// Notes that a request has been answered.
  func end(_ channel: any Channel) {
    connections.withLock { connections in
      connections[ObjectIdentifier(channel)]?.requests -= 1
      connections[ObjectIdentifier(channel)]?.since = .now()
    }
  }

  /// Whether the connection's last request was let in.
  func isKnown(_ channel: any Channel) -> Bool {
    connections.withLock { $0[ObjectIdentifier(channel)]?.isKnown ?? false }
  }

  func setKnown(_ channel: any Channel, _ isKnown: Bool) {
    connections.withLock { connections in
      connections[ObjectIdentifier(channel)]?.isKnown = isKnown
      connections[ObjectIdentifier(channel)]?.isRefused = !isKnown
    }
  }

  /// The other end: an address, or for version 6 its network, since whoever has one address of it has all.
  static func peer(of channel: any Channel) -> String {
    switch channel.remoteAddress {
    case .v4(let address): address.host.isEmpty ? channel.remoteAddress?.ipAddress ?? "" : address.host
    case .v6: network(of: channel.remoteAddress?.ipAddress ?? "")
    default: ""
    }
  }

  private static func network(of address: String) -> String {
    // An address of version 4 inside one of version 6 stands for itself.
    guard !address.contains(".") else { return address }
    let groups = address.split(separator: ":", omittingEmptySubsequences: false)
    guard let gap = groups.firstIndex(of: ""), gap < 4 else { return groups.prefix(4).joined(separator: ":") + "::/64" }
    return groups.prefix(gap).joined(separator: ":") + "::/64"
  }

  private static func victim(
    among connections: [ObjectIdentifier: Connection], newest: ObjectIdentifier, _ peer: String
  ) -> (any Channel)? {
    var counts: [String: Int] = [:]
    for connection in connections.values { counts[connection.peer, default: 0] += 1 }
    let isPeerOver = counts[peer, default: 0] > limitOfPeer
    guard connections.count > limit || isPeerOver else { return nil }
    let candidates = connections.filter { $0.key != newest && (!isPeerOver || $0.value.peer == peer) }
    // A newcomer has not been judged yet: connections that wait for a refusal go before it.
    func order(_ connection: Connection) -> (Int, Int, Int, Int, UInt64) {
      (
        connection.isRefused ? 0 : 1, connection.requests > 0 ? 1 : 0, connection.isKnown ? 1 : 0,
        -counts[connection.peer, default: 0],
        connection.since.uptimeNanoseconds
      )
    }
    guard let first = candidates.values.min(by: { order($0) < order($1) }) else { return nil }
    // All are busy with clients that were let in: those come first.
    return first.requests > 0 && first.isKnown ? connections[newest]?.channel : first.channel
  }

  private func closeIfIdle(_ channel: any Channel) {
    let isOver = connections.withLock { connections in
      guard let connection = connections[ObjectIdentifier(channel)], connection.requests == 0 else { return false }
      return .now() - connection.since > (connection.isKnown ? Self.patienceWithKnown : Self.patience)
    }
    if isOver { channel.close(promise: nil) }
  }

  /// Adds a connection once it is set up.
  final class Entrance: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = NIOAny

    private let connections: AdminConnections

    init(_ connections: AdminConnections) { self.connections = connections }

    func channelActive(context: ChannelHandlerContext) {
      connections.open(context.channel)
      context.fireChannelActive()
    }
  }
}
