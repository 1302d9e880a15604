package import EventStore
internal import Events

extension ListedEvent {
  /// What programs see of it: always the same members, `null` where something is not known or does not apply.
  package var json: JSONOutput {
    .object([
      ("eventId", .text(eventId?.text)), ("eventType", .text(eventType)), ("status", .text(status.rawValue)),
      ("inbox", .text(inbox)), ("file", .text(fileText)), ("bytes", .number(bytes)), ("createdAt", .time(createdAt)),
      ("updatedAt", .time(updatedAt)), ("forwardedAt", .time(forwardedAt)), ("attempts", .number(attempts)),
      ("reason", .text(reason)), ("message", .text(message)), ("nextAttemptAt", .time(nextAttemptAt)),
      ("cursor", .text(cursor.description)),
    ])
  }

  /// Its file, for people: relative to the folder of records, retries or failures.
  package var fileText: String { partition == nil ? LogText.text(of: fileName) : file }
}

extension EventPage {
  /// The events, and the cursor with which the next page is asked for.
  package var json: JSONOutput {
    .object([("events", .array(events.map(\.json))), ("next", .text(next?.description))])
  }
}

extension EventCount {
  package var json: JSONOutput {
    .object([
      ("date", .text("\(date)")), ("eventType", .text(type)), ("status", .text(status.rawValue)),
      ("count", .number(count)), ("bytes", .number(bytes)),
    ])
  }
}

extension EventAccount {
  /// Its record as it is on disk, its acknowledgements, the latest attempts in vain, and its failed files with their sidecars.
  package var json: JSONOutput { json(withRecord: true) }

  /// The same; without the record, `recordBytes` says how long it is.
  func json(withRecord: Bool) -> JSONOutput {
    .object([
      ("eventId", .text(eventId.text)), ("status", .text(status)), ("event", listed?.json ?? .null),
      withRecord
        ? ("record", record.map { JSONOutput(bytes: Array($0.trimmingNewline)) } ?? .null)
        : ("recordBytes", .number(record?.count)),
      (
        "forwards",
        .array(
          forwards.map {
            .object([
              ("batchId", .text($0.batchId)), ("forwardedAt", .time($0.forwardedAt)), ("status", .number($0.status)),
            ])
          })
      ),
      (
        "failedAttempts",
        .array(
          attempts.map {
            .object([
              ("attemptedAt", .time($0.time)), ("batchId", .text($0.batchId)), ("events", .number($0.events)),
              ("httpStatus", .number($0.httpStatus)), ("message", .text($0.message)), ("response", .text($0.response)),
            ])
          })
      ),
      (
        "rewritings",
        .array(rewritings.map { .object([("storedAt", .time($0.time)), ("failedOf", .text($0.failedOf?.rawValue))]) })
      ),
      (
        "failures",
        .array(
          failures.map {
            .object([
              ("folder", .text($0.status.rawValue)), ("file", .text(LogText.text(of: $0.file))),
              ("error", JSONOutput(bytes: Array($0.report.encoded.trimmingNewline))),
            ])
          })
      ),
      ("pruned", .flag(wasPruned)),
    ])
  }

  /// In a word: where it is, its record before its failed copies.
  package var status: String {
    listed?.status.rawValue ?? failures.first?.status.rawValue ?? (wasPruned ? "pruned" : "gone")
  }
}

extension [UInt8] {
  fileprivate var trimmingNewline: ArraySlice<UInt8> { last == 0x0A ? dropLast() : self[...] }
}
