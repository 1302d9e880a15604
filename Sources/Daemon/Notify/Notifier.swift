internal import Catalog
internal import EventStore
internal import Events
internal import Logging
internal import Operations
internal import ServiceLifecycle
internal import Synchronization
internal import Time

/// Notifies people of what needs them, and when it is over.
///
/// Each channel has its own task, so that one that hangs blocks neither the others nor the stop. What was found is on
/// disk before anybody is notified, and stays there until they are.
struct Notifier: Service {
  let board: StatusBoard
  let channels: [any NotificationChannel]
  let store: RecordStore
  let after: Duration
  let title: String
  let zone: TimeZoneRules
  let language: Language
  let clock: any WallClock
  let logger: Logger
  /// Where the catalog keeps what was reported, and what still has to be.
  private static let reportedNote = "notified"
  private static let backlogNote = "toNotify"
  private static let interval = Duration.seconds(5)
  /// How soon a notification is sent.
  private static let deliveryInterval = Duration.seconds(1)
  /// How long to wait for a channel that is given up: a command is ended in that time.
  private static let patience = Duration.seconds(1)

  /// What is found and what is sent, shared between the tasks.
  private final class Desk: Sendable {
    struct State {
      var ledger: NotificationLedger
      var backlog: NotificationBacklog
      /// What is in the catalog.
      var kept: (reported: String, backlog: String)
      /// Whether one of the tasks is writing it there, and whether something has changed since that task last checked.
      var isKeeping = false
      var hasChanged = false
    }

    let state: Mutex<State>

    init(_ ledger: NotificationLedger, _ backlog: NotificationBacklog) {
      state = Mutex(State(ledger: ledger, backlog: backlog, kept: (ledger.reported, backlog.kept)))
    }

    typealias Kept = (reported: String, backlog: String)

    /// What is in the catalog and what should be; nil if nothing has changed, and the caller is done.
    func takeChanges() -> (old: Kept, new: Kept)? {
      state.withLock { state in
        guard state.hasChanged else {
          state.isKeeping = false
          return nil
        }
        state.hasChanged = false
        return (state.kept, (state.ledger.reported, state.backlog.kept))
      }
    }
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      let desk = await openDesk()
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await look(desk) }
        for channel in channels { group.addTask { await deliver(on: channel, desk) } }
      }
    }
  }

  private var channelNames: [String] { channels.map(\.name) }

  private func openDesk() async -> Desk {
    let reported = (try? await store.note(Self.reportedNote)) ?? nil
    let backlog = (try? await store.note(Self.backlogNote)) ?? nil
    return Desk(
      NotificationLedger(after: after, title: title, zone: zone, language: language, reported: reported),
      NotificationBacklog(backlog ?? "", channels: channelNames, title: title, zone: zone, language: language))
  }

  private func look(_ desk: Desk) async {
    while (try? await clock.sleep(for: Self.interval)) != nil {
      let (items, isWhole) = await items()
      desk.state.withLock { state in
        let found = state.ledger.look(items, isWhole: isWhole, now: clock.now())
        state.backlog.add(found, channels: channelNames)
      }
      await keep(desk)
    }
  }

  private func deliver(on channel: any NotificationChannel, _ desk: Desk) async {
    var failures = Setback()
    while !Task.isCancelled {
      var pause = Self.deliveryInterval
      if let next = desk.state.withLock({ $0.backlog.next(for: channel.name) }) {
        switch await send(next, on: channel) {
        case .success:
          _ = failures.succeed()
          desk.state.withLock { $0.backlog.remove(next, of: channel.name) }
          await keep(desk)
          continue
        case .failure(let error):
          if failures.fail() {
            logger.error(
              "nobody can be notified, and it is tried again; see notify in the configuration, and eventdrop notify --test",
              metadata: ["channel": "\(channel.name)", "error": "\(error)"])
          }
          pause = failures.pause
        // It is sent after the next start.
        case nil: return
        }
      }
      try? await clock.sleep(for: pause)
    }
  }

  /// Sends a notification, unless a stop comes first.
  ///
  /// - Returns: The outcome; nil if it was given up.
  private func send(
    _ notification: Operations.Notification, on channel: any NotificationChannel
  ) async -> Result<Void, ChannelFailure>? {
    let (results, continuation) = AsyncStream.makeStream(of: Result<Void, ChannelFailure>.self)
    let sending = Task {
      do throws(ChannelFailure) {
        try await channel.send(notification)
        continuation.yield(.success(()))
      } catch {
        continuation.yield(.failure(error))
      }
      continuation.finish()
    }
    for await result in results where !Task.isCancelled { return result }
    sending.cancel()
    await settle(sending)
    return nil
  }

  /// Waits for a cancelled task, though this one is cancelled too, but not for long.
  private func settle(_ task: Task<Void, Never>) async {
    await Task.detached { [clock] in
      let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
      let ending = Task {
        await task.value
        continuation.finish()
      }
      let timing = Task {
        try? await clock.sleep(for: Self.patience)
        continuation.finish()
      }
      for await _ in ends {}
      timing.cancel()
      ending.cancel()
    }.value
  }

  /// Writes changes to the catalog: first what is to be sent, so that a stop in between loses nothing.
  ///
  /// Only one task at a time does so; otherwise older data could be written last.
  private func keep(_ desk: Desk) async {
    let isMine = desk.state.withLock { state in
      state.hasChanged = true
      defer { state.isKeeping = true }
      return !state.isKeeping
    }
    guard isMine else { return }
    while let (old, new) = desk.takeChanges() {
      do throws(StorageError) {
        if new.backlog != old.backlog { try await store.setNote(Self.backlogNote, new.backlog) }
        if new.reported != old.reported { try await store.setNote(Self.reportedNote, new.reported) }
        desk.state.withLock { $0.kept = new }
      } catch {
        // The next look tries again.
      }
    }
  }

  /// What is wrong, with failed files by cause.
  private func items() async -> (items: [Verdict.Item], isWhole: Bool) {
    guard let status = try? await board.status() else { return (await board.obstacles(), false) }
    let failed = status.groups.filter { $0.status == .failed }.map { group in
      Verdict.Item(
        "failed", .needsPerson,
        Message(
          StatusMessage.failedOfReason,
          ["count": .integer(group.count), "reason": .text(group.reason), "inbox": .text(group.inbox)]),
        since: group.oldest, subject: "\(group.inbox)/\(group.reason)")
    }
    // Of a folder that cannot be read, nobody knows whether something is over.
    return (status.verdict.items.filter { $0.code != "failed" } + failed, status.failed != nil)
  }
}
