package import ExactJSON
package import Time

/// A parsed record: the places of its parts in its bytes.
package struct ProcessedEvent: Sendable {
  package let eventId: EventID
  package let eventType: String
  package let processedAt: Timestamp
  package let createdAt: Timestamp
  package let updatedAt: Timestamp
  package let source: EventSource
  /// The place of `data` in the record.
  package let data: Range<Int>
  /// The place of `attributes` in the record, if it has them.
  package let attributes: Range<Int>?
  /// How deeply it is nested.
  package let depth: Int

  /// Parses a record.
  ///
  /// Its members may be in any order and have any white space: a person may have edited it.
  ///
  /// - Parameters:
  ///   - bytes: The record's bytes.
  ///   - document: Scans them; its storage is reused from call to call.
  /// - Throws: `RecordError`.
  package init(_ bytes: Span<UInt8>, using document: inout JSONDocument) throws(RecordError) {
    do {
      try document.scan(bytes, depthLimit: eventDepthLimit + RecordAllowance.depth, noteLimit: noteLimit)
    } catch {
      throw .invalidJSON(error)
    }
    try self.init(scanned: document, bytes)
  }

  /// Parses a record from bytes already scanned.
  ///
  /// - Throws: `RecordError.notARecord` if it lacks a member of a record, or has any other.
  init(scanned document: borrowing JSONDocument, _ bytes: Span<UInt8>) throws(RecordError) {
    guard document.root.kind == .object else { throw .notARecord("it is not an object") }
    guard document.members.count == 7 || document.members.count == 8 else {
      throw .notARecord("it has not the members of a record")
    }
    // If each of them exists, and there are no more than these, none is duplicated.
    let fields = RecordFields(members: document.members)
    eventId = EventID(try fields.string("eventId", in: bytes))
    eventType = try fields.string("eventType", in: bytes)
    processedAt = try fields.time("processedAt", in: bytes)
    createdAt = try fields.time("createdAt", in: bytes)
    updatedAt = try fields.time("updatedAt", in: bytes)
    data = try fields.value("data", in: bytes).range
    if let value = fields.find("attributes", in: bytes) {
      guard value.kind == .object else { throw .notARecord("attributes is not an object") }
      attributes = value.range
    } else {
      guard document.members.count == 7 else { throw .notARecord("it has not the members of a record") }
      attributes = nil
    }
    source = try EventSource(fields.value("source", in: bytes), in: bytes)
    depth = document.depth
    guard isValidEventId(eventId.text), isValidEventType(eventType) else {
      throw .notARecord("its eventId or eventType is not one")
    }
  }
}

/// Why bytes are not a record.
package enum RecordError: Error, Hashable, Sendable {
  case invalidJSON(JSONError)
  case notARecord(String)
}

extension RecordError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .invalidJSON(let error): "it is not JSON: \(error.message), at byte \(error.offset)"
    case .notARecord(let why): "it is not a record: \(why)"
    }
  }
}

private struct RecordFields {
  // So few that a search is faster than a dictionary.
  var members: [JSONMember]

  func find(_ name: StaticString, in bytes: Span<UInt8>) -> JSONValue? {
    members.first { JSONText.name(of: $0, in: bytes, equals: name) }?.value
  }

  func value(_ name: StaticString, in bytes: Span<UInt8>) throws(RecordError) -> JSONValue {
    guard let value = find(name, in: bytes) else { throw .notARecord("it has no \(name), or another twice") }
    return value
  }

  func string(_ name: StaticString, in bytes: Span<UInt8>) throws(RecordError) -> String {
    let value = try value(name, in: bytes)
    guard value.kind == .string, let text = JSONText.string(value.withoutQuotes, in: bytes) else {
      throw .notARecord("\(name) is not a string")
    }
    return text
  }

  func time(_ name: StaticString, in bytes: Span<UInt8>) throws(RecordError) -> Timestamp {
    guard let time = Timestamp(rfc3339: try string(name, in: bytes)) else {
      throw .notARecord("\(name) is not a time of RFC 3339")
    }
    return time
  }

  func integer(_ name: StaticString, in bytes: Span<UInt8>) throws(RecordError) -> Int {
    let value = try value(name, in: bytes)
    let text = bytes.extracting(value.range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    guard value.kind == .number, let number = Int(text), number >= 0 else {
      throw .notARecord("\(name) is not a whole number")
    }
    return number
  }
}

extension EventSource {
  fileprivate init(_ value: JSONValue, in bytes: Span<UInt8>) throws(RecordError) {
    guard value.kind == .object else { throw .notARecord("source is not an object") }
    var members: [JSONMember] = []
    JSONText.members(of: value, in: bytes, into: &members, limit: 6)
    guard members.count == 4 || members.count == 5 else { throw .notARecord("source has not a source's members") }
    let fields = RecordFields(members: members)
    inbox = try fields.string("inbox", in: bytes)
    file = try fields.string("file", in: bytes)
    sha256 = try fields.string("sha256", in: bytes)
    self.bytes = try fields.integer("bytes", in: bytes)
    index = members.count == 5 ? try fields.integer("index", in: bytes) : nil
    guard sha256.utf8.count == 64 else { throw .notARecord("sha256 has not 64 digits") }
  }
}

/// A string of 1 to 512 bytes without control characters.
func isValidEventId(_ text: String) -> Bool {
  (1...512).contains(text.utf8.count) && text.unicodeScalars.allSatisfy { !$0.isControl }
}

/// A string of 1 to 256 bytes.
func isValidEventType(_ text: String) -> Bool {
  (1...256).contains(text.utf8.count)
}

extension Unicode.Scalar {
  /// Unicode's general category Cc.
  fileprivate var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }
}
