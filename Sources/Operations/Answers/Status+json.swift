package import Catalog
package import Events
internal import Time

extension Status {
  /// The output for programs: always the same members.
  package var json: JSONOutput {
    .object([
      ("verdict", verdict.json(in: language)), ("running", .flag(daemon != nil)),
      ("processId", .number(daemon.map { Int($0) })),
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
      ("retry", .number(retry)), ("failed", .number(failed)), ("claimed", .number(claimed)),
      ("claims", .array(claims.map(\.json))),
      ("folders", .object(folders.map { ($0.name, .text($0.path)) })), ("webhook", .text(webhook)),
      ("circuit", circuit?.json(in: language) ?? .null),
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
      ("lastFailures", .array(failures.map { $0.json(in: language) })),
      ("failures", .array(groups.map { $0.json(in: language) })),
    ])
  }

  private func trouble(of inbox: InboxStatus) -> JSONOutput {
    if let since = inbox.silentSince {
      let reason = Message(StatusMessage.fileSystemHangs)
      return .object([
        ("since", .time(since)), ("reason", .text(reason.text(in: language))),
        JSONOutput.messages([("reason", reason)]),
      ])
    }
    guard let trouble = inbox.trouble else { return .null }
    return .object([
      ("since", .time(trouble.since)), ("reason", .text(trouble.reason)),
      ("advice", .text(trouble.advice.text(in: language))),
      JSONOutput.messages([("reason", Message(said: trouble.reason)), ("advice", trouble.advice)]),
    ])
  }
}

extension FailureGroup {
  package func json(in language: Language) -> JSONOutput {
    .object([
      ("folder", .text(status.rawValue)), ("inbox", .text(inbox)), ("reason", .text(reason)), ("count", .number(count)),
      ("oldest", .time(oldest)), ("newest", .time(newest)), ("nextAttemptAt", .time(nextAttemptAt)),
      ("examples", .array(examples.map { $0.example(in: language) })),
    ])
  }
}

extension ListedEvent {
  fileprivate func example(in language: Language) -> JSONOutput {
    let members: [(String, JSONOutput)] = [("file", .text(fileText)), ("eventId", .text(eventId?.text))]
    let last: [(String, JSONOutput)] = [
      ("attempts", .number(attempts)), ("lastFailedAt", .time(updatedAt)), ("nextAttemptAt", .time(nextAttemptAt)),
      ("cursor", .text(cursor.description)),
    ]
    return .object(members + JSONOutput.said(message, in: language) + last)
  }
}

extension Status.Failure {
  fileprivate func json(in language: Language) -> JSONOutput {
    let members: [(String, JSONOutput)] = [
      ("folder", .text(folder)), ("file", .text(file)), ("inbox", .text(inbox)), ("reason", .text(reason)),
    ]
    let last: [(String, JSONOutput)] = [("lastFailedAt", .time(lastFailedAt)), ("nextAttemptAt", .time(nextAttemptAt))]
    return .object(members + JSONOutput.said(message, in: language) + last)
  }
}

extension CircuitState {
  fileprivate func json(in language: Language) -> JSONOutput {
    .object([
      ("state", .text(isOpen ? "open" : "closed")), ("since", .time(since)), ("silentUntil", .time(silentUntil)),
      ("nextAttempt", .time(nextAttempt)), ("reason", .text(reason?.sentence(in: language))),
      ("nextProbe", .time(nextProbe)), ("mendsItself", .flag(mendsItself)),
      JSONOutput.messages([("reason", reason), ("advice", reason?.advice)]),
    ])
  }
}
