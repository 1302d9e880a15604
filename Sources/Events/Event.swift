internal import Digests
package import ExactJSON
package import Time

/// An event that was read, checked and mapped, but not stored yet.
///
/// A class, because it is passed around a lot: a copy would retain each of its parts.
package final class Event: Sendable {
  package let eventId: EventID
  package let key: EventKey
  package let eventType: String
  /// When this eventId was first recorded, if the drop is itself a record.
  package let createdAt: Timestamp?
  package let source: EventSource

  /// The file's bytes; shared with the other events of the file.
  let bytes: [UInt8]
  /// The event's place in them.
  let range: Range<Int>
  /// Nil stands for `{}`.
  let dataRange: Range<Int>?
  let attributes: EventAttributes

  init(
    eventId: EventID, key: EventKey, eventType: String, createdAt: Timestamp?, source: EventSource, bytes: [UInt8],
    range: Range<Int>, dataRange: Range<Int>?, attributes: EventAttributes
  ) {
    self.eventId = eventId
    self.key = key
    self.eventType = eventType
    self.createdAt = createdAt
    self.source = source
    self.bytes = bytes
    self.range = range
    self.dataRange = dataRange
    self.attributes = attributes
  }

  /// The size of its record in bytes, exact or a few more.
  package var recordSize: Int { source.bytes + eventId.utf8.count + source.file.utf8.count + 512 }

  /// The event's own bytes, from its `{` to its `}`.
  package var ownBytes: ArraySlice<UInt8> { bytes[range] }

  /// The bytes of `data`, as they were dropped.
  package func withData<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    guard let dataRange else {
      let empty: [UInt8] = [0x7B, 0x7D]
      return body(empty.span)
    }
    let bytes = bytes
    return body(bytes.span.extracting(dataRange))
  }
}

extension Event {
  /// The SHA-256 of `data` without white space between tokens: all that retention keeps of it.
  package var dataDigest: [UInt8] {
    withData { data in JSONText.digest(of: 0..<data.count, in: data) }
  }
}

extension JSONText {
  /// The SHA-256 of a value without white space between tokens.
  package static func digest(of range: Range<Int>, in bytes: Span<UInt8>) -> [UInt8] {
    var compact: [UInt8] = []
    appendCompact(range, of: bytes, to: &compact)
    return Digests.sha256(compact.span)
  }
}

/// The members of an event that are not mapped to members of the record.
enum EventAttributes: Sendable {
  case none
  /// These members of the event's bytes.
  case members([JSONMember])
  /// All members of the event's bytes except those whose values begin there: if there are very many, their places are
  /// not kept.
  case others(than: [Int])
  /// An object in the event's bytes, verbatim.
  case object(Range<Int>)
}

/// The origin of a record.
package struct EventSource: Hashable, Sendable {
  /// The inbox's name.
  package var inbox: String
  /// The file's name, with U+FFFD for bytes that are not UTF-8.
  package var file: String
  /// Of the event's own bytes, in lower-case hexadecimal digits.
  package var sha256: String
  /// The event's size in bytes.
  package var bytes: Int
  /// The event's number in a file of several, from 1.
  package var index: Int?

  package init(inbox: String, file: String, sha256: String, bytes: Int, index: Int? = nil) {
    self.inbox = inbox
    self.file = file
    self.sha256 = sha256
    self.bytes = bytes
    self.index = index
  }
}

extension Event {
  /// The record's bytes: one JSON object and a newline.
  ///
  /// - Parameters:
  ///   - processedAt: When it was processed.
  ///   - createdAt: When this eventId was first recorded.
  ///   - updatedAt: When this record is written.
  /// - Returns: The bytes.
  package func record(processedAt: Timestamp, createdAt: Timestamp, updatedAt: Timestamp) -> [UInt8] {
    var record: [UInt8] = []
    record.reserveCapacity(recordSize)
    record.append(literal: #"{"eventId":"#)
    JSONText.appendQuoted(eventId.utf8, to: &record)
    record.append(literal: #","eventType":"#)
    JSONText.appendQuoted(eventType.utf8, to: &record)
    record.append(literal: #","processedAt":""#)
    let start = record.count
    processedAt.append(rfc3339To: &record)
    let processed = start..<record.count
    record.append(literal: #"","data":"#)
    if let dataRange { record.append(contentsOf: bytes[dataRange]) } else { record.append(literal: "{}") }
    record.append(literal: #","createdAt":""#)
    func append(_ time: Timestamp) {
      guard time == processedAt else { return time.append(rfc3339To: &record) }
      // All three are usually the same. Byte by byte, because a slice would retain the whole, forcing a copy.
      for index in processed { record.append(record[index]) }
    }
    append(createdAt)
    record.append(literal: #"","updatedAt":""#)
    append(updatedAt)
    record.append(literal: #"","#)
    appendAttributes(to: &record)
    record.append(literal: #""source":{"inbox":"#)
    JSONText.appendQuoted(source.inbox.utf8, to: &record)
    record.append(literal: #","file":"#)
    JSONText.appendQuoted(source.file.utf8, to: &record)
    record.append(literal: #","sha256":""#)
    record.append(text: source.sha256)
    record.append(literal: #"","bytes":"#)
    record.append(text: String(source.bytes))
    if let index = source.index {
      record.append(literal: #","index":"#)
      record.append(text: String(index))
    }
    record.append(literal: "}}\n")
    return record
  }

  private func appendAttributes(to record: inout [UInt8]) {
    switch attributes {
    case .none: return
    case .object(let range):
      record.append(literal: #""attributes":"#)
      record.append(contentsOf: bytes[range])
    case .members(let members):
      record.append(literal: #""attributes":"#)
      var separator: UInt8 = 0x7B
      for member in members { append(member, &separator, to: &record) }
      record.append(0x7D)
    case .others(let starts):
      record.append(literal: #""attributes":"#)
      var separator: UInt8 = 0x7B
      let bytes = bytes
      JSONText.forEachMember(of: JSONValue(kind: .object, range: range), in: bytes.span) { member in
        if !starts.contains(member.value.range.lowerBound) { append(member, &separator, to: &record) }
      }
      record.append(0x7D)
    }
    record.append(0x2C)
  }

  /// Appends a member, preceded by `{` the first time and by a comma from then on.
  private func append(_ member: JSONMember, _ separator: inout UInt8, to record: inout [UInt8]) {
    record.append(separator)
    separator = 0x2C
    record.append(contentsOf: bytes[(member.name.lowerBound - 1)..<(member.name.upperBound + 1)])
    record.append(0x3A)
    record.append(contentsOf: bytes[member.value.range])
  }
}

extension [UInt8] {
  mutating func append(text: String) {
    append(contentsOf: text.utf8)
  }

  fileprivate mutating func append(literal: StaticString) {
    literal.withUTF8Buffer { append(contentsOf: $0) }
  }
}
