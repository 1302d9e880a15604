internal import CoreMetrics
internal import Logging
internal import Synchronization
internal import Time

/// Slows down, counts and reports attempts to guess the token.
///
/// After a wrong token, all requests of its peer over connections that have not been let in yet queue up: first for a
/// tenth of a second, then for up to two seconds each. A minute without a wrong one ends that. If a right token
/// recently came from a peer, only wrong ones are delayed, so that a guesser does not lock out others at the same
/// address.
final class TokenGuard: Sendable {
  private struct Peer {
    /// Wrong tokens in a row.
    var wrong = 0
    /// How many of them have not been reported yet.
    var unreported = 0
    var lastWrong: Duration
    var lastReported: Duration?
    /// When the next one has its turn.
    var nextTurn: Duration
    var waiting = 0
  }

  /// When a right token last came from a peer.
  private let trusted = Mutex<[String: Duration]>([:])
  private static let trust = Duration.seconds(3600)

  private let peers = Mutex<[String: Peer]>([:])
  private let clock: any WallClock
  private let logger: Logger
  private let refused = Counter(label: "eventdrop_admin_wrong_tokens_total")
  private static let longestPause = Duration.seconds(2)
  private static let memory = Duration.seconds(60)
  /// How many requests of one peer may queue; others are asked to come back.
  private static let lineLength = 8
  private static let peerLimit = 1000

  init(clock: any WallClock, logger: Logger) {
    self.clock = clock
    self.logger = logger
  }

  /// Waits for the peer's turn.
  ///
  /// - Returns: Whether its token may be checked; false if too many are already waiting.
  func wait(for peer: String) async -> Bool {
    let now = clock.uptime()
    if trusted.withLock({ $0[peer].map { now - $0 < Self.trust } ?? false }) { return true }
    let turn: Duration? = peers.withLock { peers in
      guard var known = peers[peer] else { return now }
      if now - known.lastWrong > Self.memory, known.waiting == 0 {
        // What has not been reported is reported with the next wrong one.
        if known.unreported == 0 { peers[peer] = nil } else { peers[peer]?.wrong = 0 }
        return now
      }
      guard known.waiting < Self.lineLength else { return nil }
      let turn = max(now, known.nextTurn)
      known.nextTurn = turn + Self.pause(after: known.wrong)
      known.waiting += 1
      peers[peer] = known
      return turn
    }
    guard let turn else { return false }
    guard turn > now else {
      leaveLine(peer)
      return true
    }
    try? await clock.sleep(until: turn)
    leaveLine(peer)
    return !Task.isCancelled
  }

  private func leaveLine(_ peer: String) {
    peers.withLock { if let waiting = $0[peer]?.waiting, waiting > 0 { $0[peer]?.waiting = waiting - 1 } }
  }

  /// Notes a right token.
  func accept(_ peer: String) {
    let now = clock.uptime()
    trusted.withLock { trusted in
      if trusted.count >= Self.peerLimit { trusted = trusted.filter { now - $0.value < Self.trust } }
      if trusted.count < Self.peerLimit { trusted[peer] = now }
    }
  }

  /// Notes a wrong token, and waits before it is answered.
  func refuse(_ peer: String) async {
    refused.increment()
    let now = clock.uptime()
    let (turn, unreported) = peers.withLock { peers -> (Duration, Int?) in
      if peers[peer] == nil, peers.count >= Self.peerLimit {
        // The peer whose last wrong token is the oldest.
        if let oldest = peers.min(by: { $0.value.lastWrong < $1.value.lastWrong })?.key { peers[oldest] = nil }
      }
      var known = peers[peer] ?? Peer(lastWrong: now, nextTurn: now)
      known.wrong += 1
      known.unreported += 1
      known.lastWrong = now
      let turn = now + Self.pause(after: known.wrong)
      known.nextTurn = max(known.nextTurn, turn)
      var unreported: Int?
      if known.lastReported.map({ now - $0 >= Self.memory }) ?? true {
        unreported = known.unreported
        known.unreported = 0
        known.lastReported = now
      }
      peers[peer] = known
      return (turn, unreported)
    }
    if let unreported {
      logger.warning(
        "a wrong token was given for the page; requests from there are slowed down",
        metadata: ["peer": "\(peer)", "wrongTokens": "\(unreported)"])
    }
    try? await clock.sleep(until: turn)
  }

  private static func pause(after wrong: Int) -> Duration {
    guard wrong > 0 else { return .zero }
    return min(.milliseconds(100) * (1 << min(wrong - 1, 10)), longestPause)
  }
}
