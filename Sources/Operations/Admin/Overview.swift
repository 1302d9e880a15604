internal import EventStore
internal import Forwarding
internal import Schedules

/// What the page shows beside the status: whether all is well, and how much flowed when.
struct Overview: Sendable {
  private let now: Timestamp
  private let obstacles: [String]
  private let forwarding: ForwardingStatus?
  private let minutes: [StoredMinute]
  private let days: [StoreSnapshot.Partition]

  /// Looks.
  ///
  /// - Throws: `StoreError`.
  init(of board: StatusBoard) async throws {
    now = board.clock.now()
    obstacles = await board.obstacles()
    forwarding = await board.forwarder?.status()
    minutes = try await board.lastHour()
    days = try await board.status().store?.partitions ?? []
  }

  /// For the page's script.
  ///
  /// - Parameters:
  ///   - version: The program's.
  ///   - startedAt: When it began.
  /// - Returns: One object.
  func json(version: String, startedAt: Timestamp) -> JSONOutput {
    .object([
      ("now", .time(now)), ("version", .text(version)), ("startedAt", .time(startedAt)),
      ("ready", .flag(obstacles.isEmpty)), ("reasons", .array(obstacles.map { .text($0) })), ("circuit", circuit),
      ("lastSuccess", .time(forwarding?.lastSuccess)),
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
      ("since", .time(interruption.since)), ("why", .text(interruption.trouble.summary)),
      ("help", .text(interruption.trouble.hint)), ("nextProbe", .time(interruption.nextProbe)),
      ("mendsItself", .flag(interruption.mendsItself)),
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
