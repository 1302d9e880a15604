internal import Digests
internal import ExactJSON
package import Time

/// The sidecar `NAME.error` of a failed file: what happened to it, for people and programs.
package struct FailureReport: Hashable, Sendable {
  /// The name of the file that it describes.
  package var file: String
  package var failure: DropFailure
  package var httpStatus: Int?
  /// The webhook's answer, its first 2 KiB.
  package var response: String?
  /// The number of failures.
  package var attempts: Int
  package var firstFailedAt: Timestamp
  package var lastFailedAt: Timestamp
  /// When it is retried; nil if it needs a person.
  package var nextAttemptAt: Timestamp?
  /// The name of its inbox.
  package var inbox: String
  /// The name that its sender gave it, whatever its present name; nil if unknown.
  package var droppedAs: DropName?
  /// The number of events it describes, if the file holds several that failed.
  package var count: Int?
  /// Nobody has counted higher, whatever somebody has written into a sidecar.
  package static let mostAttempts = 1_000_000_000

  package init(
    file: String, failure: DropFailure, httpStatus: Int? = nil, response: String? = nil, attempts: Int,
    firstFailedAt: Timestamp, lastFailedAt: Timestamp, nextAttemptAt: Timestamp?, inbox: String,
    droppedAs: DropName? = nil, count: Int? = nil
  ) {
    self.count = count
    self.file = file
    self.failure = failure
    self.httpStatus = httpStatus
    self.response = response
    self.attempts = attempts
    self.firstFailedAt = firstFailedAt
    self.lastFailedAt = lastFailedAt
    self.nextAttemptAt = nextAttemptAt
    self.inbox = inbox
    self.droppedAs = droppedAs
  }

  /// The sidecar's bytes: one JSON object, one member per line, with its message in a language.
  package func encoded(in language: Language) -> [UInt8] {
    var writer = PrettyObject()
    writer.add("file", file)
    writer.add("eventId", failure.eventId?.text)
    writer.add("eventType", failure.eventType)
    writer.add("stage", failure.stage.rawValue)
    writer.add("reason", failure.reason.rawValue)
    writer.add("message", failure.message.sentence(in: language))
    writer.add("line", failure.place?.line)
    writer.add("column", failure.place?.column)
    writer.add("offset", failure.place?.offset)
    writer.add("httpStatus", httpStatus)
    writer.add("response", response)
    writer.add("attempts", attempts)
    writer.add("firstFailedAt", firstFailedAt.rfc3339)
    writer.add("lastFailedAt", lastFailedAt.rfc3339)
    writer.add("nextAttemptAt", nextAttemptAt?.rfc3339)
    writer.add("inbox", inbox)
    writer.add("droppedAs", droppedAs?.text)
    writer.add("droppedAsBytes", droppedAs?.bytesIfNotText)
    if let code = failure.message.code {
      writer.add("code", code)
      writer.add("arguments", json: failure.message.argumentsJSON)
    }
    writer.add("count", count)
    return writer.finish()
  }

  /// Anything with more members is something else, and costs no more than its scan.
  private static let memberLimit = 100

  /// Parses a sidecar; nil if it is not one, for instance after somebody edited it.
  package init?(_ bytes: [UInt8]) {
    var document = JSONDocument()
    guard (try? document.scan(bytes.span, noteLimit: Self.memberLimit)) != nil, document.root.kind == .object,
      !document.hasLeftOut
    else { return nil }
    var texts: [String: String] = [:]
    var numbers: [String: Int] = [:]
    var arguments: [Message.Argument] = []
    for member in document.members {
      guard let name = JSONText.string(member.name, in: bytes.span) else { continue }
      switch member.value.kind {
      case .string: texts[name] = JSONText.string(member.value.withoutQuotes, in: bytes.span)
      case .number: numbers[name] = Int(String(decoding: bytes[member.value.range], as: UTF8.self))
      case .object where name == "arguments": arguments = Message.arguments(member.value, in: bytes)
      default: continue
      }
    }
    guard let stage = texts["stage"].flatMap(FailureStage.init(rawValue:)), let reason = texts["reason"],
      let first = texts["firstFailedAt"].flatMap(Timestamp.init(rfc3339:)),
      let last = texts["lastFailedAt"].flatMap(Timestamp.init(rfc3339:))
    else { return nil }
    let place: FailurePlace? =
      if let line = numbers["line"], let column = numbers["column"], let offset = numbers["offset"] {
        FailurePlace(line: line, column: column, offset: offset)
      } else {
        nil
      }
    // Earlier versions wrote no code, and later ones may have new codes: then only the text is known.
    let message =
      texts["code"].flatMap { Message(code: $0, arguments: arguments) } ?? Message(said: texts["message"] ?? "")
    self.init(
      file: texts["file"] ?? "",
      failure: DropFailure(
        stage: stage, reason: FailureReason(rawValue: reason), message: message, place: place,
        eventId: texts["eventId"].map { EventID($0) }, eventType: texts["eventType"]),
      httpStatus: numbers["httpStatus"], response: texts["response"],
      attempts: min(max(numbers["attempts"] ?? 1, 0), Self.mostAttempts),
      firstFailedAt: first, lastFailedAt: last, nextAttemptAt: texts["nextAttemptAt"].flatMap(Timestamp.init(rfc3339:)),
      inbox: texts["inbox"] ?? "",
      droppedAs: texts["droppedAs"].map { DropName(text: $0, hexadecimal: texts["droppedAsBytes"]) },
      count: numbers["count"].flatMap { $0 > 0 ? $0 : nil })
  }
}

extension DropName {
  /// Its bytes in hexadecimal digits if they are not UTF-8, because the text does not represent them.
  fileprivate var bytesIfNotText: String? {
    guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
    return String(decoding: Digests.hexadecimal(bytes), as: UTF8.self)
  }

  fileprivate init(text: String, hexadecimal: String?) {
    let bytes = hexadecimal.flatMap { Digests.bytes(ofHexadecimal: $0) }
    self.init(bytes: bytes ?? Array(text.utf8))
  }
}

/// Writes a flat JSON object, one member per line.
private struct PrettyObject {
  private var bytes: [UInt8] = []

  mutating func add(_ name: String, _ text: String?) {
    guard let text else { return }
    begin(name)
    JSONText.appendQuoted(text.utf8, to: &bytes)
  }

  mutating func add(_ name: String, _ number: Int?) {
    guard let number else { return }
    begin(name)
    bytes.append(text: String(number))
  }

  mutating func add(_ name: String, json: [UInt8]) {
    begin(name)
    bytes += json
  }

  private mutating func begin(_ name: String) {
    bytes.append(text: bytes.isEmpty ? "{\n  " : ",\n  ")
    JSONText.appendQuoted(name.utf8, to: &bytes)
    bytes.append(text: ": ")
  }

  consuming func finish() -> [UInt8] {
    bytes.append(text: "\n}\n")
    return bytes
  }
}
