internal import EventStore
internal import Logging
internal import Operations
internal import Schedules
internal import ServiceLifecycle

/// Tells people of what needs them, and when it is over.
struct Notifier: Service {
  let board: StatusBoard
  let channels: [any NotificationChannel]
  let store: RecordStore
  let after: Duration
  let title: String
  let clock: any WallClock
  let logger: Logger
  /// Where it is kept in the catalog what was told.
  private static let note = "notified"
  private static let interval = Duration.seconds(5)
  /// How many notifications wait for a way that is not there, and for how long one does.
  private static let waitingLimit = 100

  func run() async throws {
    await cancelWhenGracefulShutdown { await loop() }
  }

  private func loop() async {
    let told = (try? await store.note(Self.note)) ?? nil
    var ledger = NotificationLedger(after: after, title: title, told: told)
    var waiting = channels.map { _ in [Operations.Notification]() }
    var failures = channels.map { _ in Setback() }
    var pauses = channels.map { _ in Duration.zero }
    var kept = ledger.told
    while (try? await clock.sleep(for: Self.interval)) != nil {
      let (items, isWhole) = await items()
      let found = ledger.look(items, isWhole: isWhole, now: clock.now())
      for (index, channel) in channels.enumerated() {
        waiting[index] += found
        if waiting[index].count > Self.waitingLimit { waiting[index].removeFirst() }
        guard clock.uptime() >= pauses[index] else { continue }
        while let next = waiting[index].first {
          do throws(ChannelFailure) {
            try await channel.tell(next)
            waiting[index].removeFirst()
            _ = failures[index].succeed()
          } catch {
            if failures[index].fail() {
              logger.error(
                "people cannot be told and it is tried again; see notify in the configuration, and eventdrop notify --test",
                metadata: ["channel": "\(channel.name)", "why": "\(error)"])
            }
            pauses[index] = clock.uptime() + failures[index].pause
            break
          }
        }
      }
      guard ledger.told != kept else { continue }
      kept = ledger.told
      try? await store.setNote(Self.note, kept)
    }
  }

  /// What is not as it should be, failed files by their causes.
  private func items() async -> (items: [Verdict.Item], isWhole: Bool) {
    guard let status = try? await board.status() else { return (await board.obstacles(), false) }
    let failed = status.groups.filter { $0.status == .failed }.map { group in
      Verdict.Item(
        "failed", .needsPerson,
        "\(group.count == 1 ? "1 file has" : "\(group.count) files have") failed (\(group.reason), inbox '\(group.inbox)')",
        since: group.oldest, advice: "see eventdrop status", subject: "\(group.inbox)/\(group.reason)")
    }
    return (status.verdict.items.filter { $0.code != "failed" } + failed, true)
  }
}
