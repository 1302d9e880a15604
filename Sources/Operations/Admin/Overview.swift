internal import Catalog
internal import EventStore
internal import Events
internal import Forwarding
internal import Time

/// What the page shows besides the status: whether all is well, and how many events flowed when.
struct Overview: Sendable {
  private let now: Timestamp
  private let zone: TimeZoneRules
  private let language: Language
  private let obstacles: [Verdict.Item]
  private let lastSuccess: Timestamp?
  private let forwarding: ForwardingStatus?
  private let minutes: [StoredMinute]
  private let days: [StoreSnapshot.Partition]
  private let fleet: (view: FleetPresence.View?, trouble: LedgerFailure?)?

  /// Looks.
  ///
  /// - Throws: `StatusError`.
  init(of board: StatusBoard) async throws(StatusError) {
    now = board.clock.now()
    zone = board.zone
    language = board.language
    obstacles = await board.obstacles()
    forwarding = await board.forwarder?.status()
    fleet = board.fleet
    minutes = try await board.lastHour()
    let status = try await board.status()
    days = status.store?.partitions ?? []
    lastSuccess = status.lastAcknowledged
  }

  /// For the page's script.
  ///
  /// - Parameters:
  ///   - version: The program's version.
  ///   - startedAt: When it started.
  ///   - configurationFile: The file the daemon was started with, for the commands that the page offers.
  ///   - title: The page's title.
  ///   - mayAct: Whether a person can act from the page.
  /// - Returns: One object.
  func json(version: String, startedAt: Timestamp, configurationFile: String, title: String, mayAct: Bool) -> JSONOutput
  {
    .object([
      ("now", .time(now)), ("version", .text(version)), ("startedAt", .time(startedAt)),
      ("config", .text(configurationFile)), ("title", .text(title)), ("actions", .flag(mayAct)),
      ("ready", .flag(obstacles.isEmpty)), ("reasons", .array(obstacles.map { .text($0.line(in: zone, language)) })),
      ("circuit", circuit),
      ("lastSuccess", .time(lastSuccess)), ("fleet", machines),
      (
        "minutes",
        .array(
          minutes.map {
            flow(("at", .time($0.start)), $0.stored, $0.forwarded, $0.meanDelay, $0.longestDelay)
          })
      ),
      (
        "days",
        .array(
          days.map {
            flow(
              ("date", .text("\($0.date)")), $0.records, $0.records - $0.pending, $0.meanDelay, $0.longestDelay)
          })
      ),
    ])
  }

  private var circuit: JSONOutput {
    guard let interruption = forwarding?.interruption else { return .null }
    return .object([
      ("since", .time(interruption.since)), ("why", .message(interruption.trouble.message)),
      ("help", .message(interruption.trouble.message.advice)), ("nextProbe", .time(interruption.nextProbe)),
      ("mendsItself", .flag(interruption.mendsItself)),
    ])
  }

  /// The machines that share their identities; null for a single one.
  private var machines: JSONOutput {
    guard let fleet else { return .null }
    let asOf = fleet.view?.at
    return .object([
      ("trouble", fleet.trouble.map { .message($0.message) } ?? .null), ("asOf", .time(asOf)),
      (
        "machines",
        .array(
          (fleet.view?.machines ?? []).map { machine in
            .object([
              ("node", .text(machine.node)), ("state", .text(machine.state.rawValue)),
              ("seenAt", .time(asOf.map { $0 - machine.seen })), ("records", .number(machine.holding?.records)),
              ("pending", .number(machine.holding?.pending)),
            ])
          })
      ),
    ])
  }

  private func flow(
    _ when: (String, JSONOutput), _ stored: Int, _ forwarded: Int, _ mean: Duration?, _ longest: Duration?
  ) -> JSONOutput {
    func seconds(_ duration: Duration?) -> JSONOutput {
      duration.map { JSONOutput(bytes: Array("\($0 / .seconds(1))".utf8)) } ?? .null
    }
    return .object([
      when, ("stored", .number(stored)), ("forwarded", .number(forwarded)), ("meanDelay", seconds(mean)),
      ("longestDelay", seconds(longest)),
    ])
  }
}
