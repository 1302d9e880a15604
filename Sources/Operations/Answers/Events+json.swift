package import Catalog
package import Events

extension ListedEvent {
  /// The output for programs: always the same members, `null` if something is unknown or does not apply.
  package func json(in language: Language) -> JSONOutput {
    let members: [(String, JSONOutput)] = [
      ("eventId", .text(eventId?.text)), ("eventType", .text(eventType)), ("status", .text(status.rawValue)),
      ("inbox", .text(inbox)), ("file", .text(fileText)), ("bytes", .number(bytes)), ("createdAt", .time(createdAt)),
      ("updatedAt", .time(updatedAt)), ("forwardedAt", .time(forwardedAt)), ("attempts", .number(attempts)),
      ("reason", .text(reason)),
    ]
    let last: [(String, JSONOutput)] = [
      ("nextAttemptAt", .time(nextAttemptAt)), ("cursor", .text(cursor.description)),
    ]
    return .object(members + JSONOutput.said(message, in: language) + last)
  }

  /// Its file, for people: relative to the folder of records, retries or failures.
  package var fileText: String { partition == nil ? LogText.text(of: fileName) : file }
}

extension EventPage {
  /// The events, and the cursor for the next page.
  package func json(in language: Language) -> JSONOutput {
    .object([("events", .array(events.map { $0.json(in: language) })), ("next", .text(next?.description))])
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
  /// Its record as it is on disk, its acknowledgements, the latest failed attempts, and its failed files with their
  /// sidecars.
  package func json(in language: Language) -> JSONOutput { json(withRecord: true, in: language) }

  /// The same; without the record, `recordBytes` gives its length.
  func json(withRecord: Bool, in language: Language) -> JSONOutput {
    let content: (String, JSONOutput) =
      withRecord
      ? ("record", record.map { JSONOutput(bytes: Array($0.trimmingNewline)) } ?? .null)
      : ("recordBytes", .number(record?.count))
    let acknowledgements = forwards.map { forward in
      JSONOutput.object([
        ("batchId", .text(forward.batchId)), ("forwardedAt", .time(forward.forwardedAt)),
        ("status", .number(forward.status)),
      ])
    }
    let again = rewritings.map { rewriting in
      JSONOutput.object([
        ("storedAt", .time(rewriting.time)), ("failedOf", .text(rewriting.failedOf?.rawValue)),
      ])
    }
    let files = failures.map { failure in
      JSONOutput.object([
        ("folder", .text(failure.status.rawValue)), ("file", .text(LogText.text(of: failure.file))),
        ("error", JSONOutput(bytes: Array(failure.report.encoded(in: language).trimmingNewline))),
      ])
    }
    return .object([
      ("eventId", .text(eventId.text)), ("status", .text(status)), ("event", listed?.json(in: language) ?? .null),
      content, ("forwards", .array(acknowledgements)),
      ("failedAttempts", .array(attempts.map { $0.json(in: language) })), ("rewritings", .array(again)),
      ("failures", .array(files)), ("pruned", .flag(wasPruned)),
    ])
  }

  /// In one word: where it is, its record before its failed copies.
  package var status: String {
    listed?.status.rawValue ?? failures.first?.status.rawValue ?? (wasPruned ? "pruned" : "gone")
  }
}

extension FailedAttempt {
  fileprivate func json(in language: Language) -> JSONOutput {
    let members: [(String, JSONOutput)] = [
      ("attemptedAt", .time(time)), ("batchId", .text(batchId)), ("events", .number(events)),
      ("httpStatus", .number(httpStatus)),
    ]
    return .object(members + JSONOutput.said(message, in: language) + [("response", .text(response))])
  }
}

extension [UInt8] {
  fileprivate var trimmingNewline: ArraySlice<UInt8> { last == 0x0A ? dropLast() : self[...] }
}
