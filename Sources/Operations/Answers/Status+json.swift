internal import EventStore
internal import Schedules

extension Status {
  /// What programs see of it: always the same members.
  package var json: JSONOutput {
    .object([
      ("running", .flag(daemon != nil)), ("processId", .number(daemon.map { Int($0) })),
      (
        "inboxes",
        .array(
          inboxes.map {
            .object([("name", .text($0.name)), ("path", .text($0.path)), ("waiting", .number($0.waiting))])
          })
      ),
      ("pending", .number(store?.pending ?? 0)), ("oldestPending", .time(store?.oldestPending)),
      ("forwarded", .number(store?.forwarded ?? 0)), ("retry", .number(retry)), ("failed", .number(failed)),
      ("folders", .object(folders.map { ($0.name, .text($0.path)) })), ("webhook", .text(webhook)),
      ("circuit", circuit?.json ?? .null),
      (
        "nextRuns",
        .array(
          nextRuns.map {
            .object([("name", .text($0.name)), ("schedule", .text($0.schedule)), ("at", .time($0.time))])
          })
      ),
      (
        "partitions",
        .array(
          (store?.partitions ?? []).map {
            .object([
              ("date", .text("\($0.date)")), ("records", .number($0.records)), ("bytes", .number($0.bytes)),
              ("pending", .number($0.pending)), ("keptUntil", .time(keptUntil($0.date))),
            ])
          })
      ),
      (
        "lastFailures",
        .array(
          failures.map {
            .object([
              ("folder", .text($0.folder)), ("file", .text($0.file)), ("inbox", .text($0.inbox)),
              ("reason", .text($0.reason)), ("message", .text($0.message)),
              ("lastFailedAt", .time($0.lastFailedAt)), ("nextAttemptAt", .time($0.nextAttemptAt)),
            ])
          })
      ),
    ])
  }
}

extension CircuitState {
  fileprivate var json: JSONOutput {
    .object([
      ("state", .text(isOpen ? "open" : "closed")), ("since", .time(since)), ("silentUntil", .time(silentUntil)),
      ("reason", .text(reason)), ("nextProbe", .time(nextProbe)),
      ("mendsItself", .flag(mendsItself)),
    ])
  }
}
