package import EventStore
internal import Events
internal import Schedules

extension Status {
  /// What programs see of it: always the same members.
  package var json: JSONOutput {
    .object([
      ("verdict", verdict.json), ("running", .flag(daemon != nil)), ("processId", .number(daemon.map { Int($0) })),
      (
        "inboxes",
        .array(
          inboxes.map {
            .object([
              ("name", .text($0.name)), ("path", .text($0.path)), ("waiting", .number($0.waiting)),
              ("lookedAt", .time($0.lookedAt)), ("lastArrival", .time($0.lastArrival)),
              ("waitingFiles", .array($0.groups.map(\.json))), ("trouble", trouble(of: $0)),
            ])
          })
      ),
      ("pending", .number(store?.pending ?? 0)), ("oldestPending", .time(store?.oldestPending)),
      ("missing", .number(store?.missing ?? 0)),
      ("forwarded", .number(store?.forwarded ?? 0)), ("lastAcknowledged", .time(lastAcknowledged)),
      ("retry", .number(retry)), ("failed", .number(failed)),
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
      ("failures", .array(groups.map(\.json))),
    ])
  }

  private func trouble(of inbox: InboxStatus) -> JSONOutput {
    if let since = inbox.silentSince {
      return .object([("since", .time(since)), ("reason", .text("its file system does not answer"))])
    }
    guard let trouble = inbox.trouble else { return .null }
    return .object([
      ("since", .time(trouble.since)), ("reason", .text(trouble.reason)), ("advice", .text(trouble.advice)),
    ])
  }
}

extension FailureGroup {
  package var json: JSONOutput {
    .object([
      ("folder", .text(status.rawValue)), ("inbox", .text(inbox)), ("reason", .text(reason)), ("count", .number(count)),
      ("oldest", .time(oldest)), ("newest", .time(newest)), ("nextAttemptAt", .time(nextAttemptAt)),
      (
        "examples",
        .array(
          examples.map {
            .object([
              ("file", .text($0.fileText)), ("eventId", .text($0.eventId?.text)), ("message", .text($0.message)),
              ("attempts", .number($0.attempts)), ("lastFailedAt", .time($0.updatedAt)),
              ("nextAttemptAt", .time($0.nextAttemptAt)), ("cursor", .text($0.cursor.description)),
            ])
          } + names.map { .object([("file", .text($0))]) })
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
