internal import Digests
internal import ExactJSON
package import Time

/// Reads drops: bytes in, events or the reasons for failure out.
///
/// Its storage is reused from drop to drop, so one reader serves one thread.
package struct EventReader {
  private let mapping: EventMapping
  private let isOnRecord: @Sendable (RecordClaim) -> Bool
  private var document = JSONDocument()

  /// - Parameters:
  ///   - mapping: How events become records.
  ///   - isOnRecord: Whether an event from this inbox with the same data is known. It is called for drops in the form
  ///     of a record in which the mapping does not find the record's own eventId and eventType.
  package init(mapping: EventMapping, isOnRecord: @escaping @Sendable (RecordClaim) -> Bool = { _ in false }) {
    self.mapping = mapping
    self.isOnRecord = isOnRecord
  }

  /// The content of a file with one event or an array of events.
  package enum Content: Sendable {
    case event(Event)
    /// An array, valid as a whole: `item` reads each of its elements.
    case array
  }

  /// Reads a file with one event or an array of events.
  ///
  /// An array is split only if it is valid as a whole: after a mistake nobody knows where the next event begins.
  ///
  /// - Parameters:
  ///   - file: The file's bytes.
  ///   - name: The file's name.
  /// - Returns: Its event, without an index, or that it is an array.
  /// - Throws: `DropFailure` if the file as a whole cannot be read as events.
  package mutating func content(ofDocument file: [UInt8], named name: DropName) throws(DropFailure) -> Content {
    let start = file.span.startsWithByteOrderMark ? 3 : 0
    let content = file.span.extracting(start...)
    let first = content.firstNonSpace
    let isArray = first.map { content[$0] == UInt8(ascii: "[") } ?? false
    let size = content.count - (first ?? 0) - content.trailingSpaces
    let isTooLarge = size > mapping.maxEventSize + RecordAllowance.bytes
    // Members and elements take many times their bytes, so only some of an event's are kept in memory.
    try scan(
      content, of: file.span, at: start, depthLimit: eventDepthLimit + RecordAllowance.depth + 1,
      noteLimit: isArray || isTooLarge ? 0 : noteLimit)
    switch document.root.kind {
    case .object where isTooLarge: throw tooLarge(size)
    case .object:
      return .event(try mappedEvent(file, document.root.range.moved(by: start), name, index: nil))
    case .array: return .array
    default:
      throw DropFailure(
        stage: .parse, reason: .notAnObject,
        message: Message(DropMessage.notEvents, ["kind": .message(document.root.kind.named)]))
    }
  }

  /// Reads a file with one event or an array of events, all at once; see `content`.
  ///
  /// - Parameters:
  ///   - file: The file's bytes.
  ///   - name: The file's name.
  /// - Returns: Its events, in order; a single one has no index.
  /// - Throws: `DropFailure` if the file as a whole cannot be read as events.
  package mutating func events(inDocument file: [UInt8], named name: DropName) throws(DropFailure) -> [DroppedItem] {
    if case .event(let event) = try content(ofDocument: file, named: name) { return [.event(event)] }
    let start = file.span.startsWithByteOrderMark ? 3 : 0
    try scan(
      file.span.extracting(start...), of: file.span, at: start, depthLimit: eventDepthLimit + RecordAllowance.depth + 1)
    return document.elements.enumerated().map { position, element in
      item(in: file, element.range.moved(by: start), named: name, index: position + 1)
    }
  }

  /// Whether a file is a record, or a copy of one.
  package mutating func isRecord(_ file: [UInt8]) -> Bool {
    (try? ProcessedEvent(file.span, using: &document)) != nil
  }

  /// Reads one event of a file of several.
  ///
  /// - Parameters:
  ///   - bytes: Bytes of the file.
  ///   - range: The event's place in them, including any white space around it.
  ///   - name: The file's name.
  ///   - index: The event's number in the file, from 1.
  /// - Returns: The event, or the failure.
  package mutating func item(
    in bytes: [UInt8], _ range: Range<Int>, named name: DropName, index: Int
  ) -> DroppedItem {
    do throws(DropFailure) {
      let content = bytes.span.extracting(range)
      guard content.count <= mapping.maxEventSize + RecordAllowance.bytes else { throw tooLarge(content.count) }
      try scan(
        content, of: content, at: 0, depthLimit: eventDepthLimit + RecordAllowance.depth, noteLimit: noteLimit)
      guard document.root.kind == .object else {
        throw DropFailure(
          stage: .parse, reason: .notAnObject,
          message: Message(
            DropMessage.notAnObject,
            ["index": .integer(index), "file": .text(name.text), "kind": .message(document.root.kind.named)]))
      }
      return .event(
        try mappedEvent(bytes, document.root.range.moved(by: range.lowerBound), name, index: index))
    } catch {
      return .failed(FailedItem(index: index, range: range, failure: error))
    }
  }

  /// Scans a text, and reports a mistake by its place in `whole`, in which the text begins at `start`.
  private mutating func scan(
    _ text: Span<UInt8>, of whole: Span<UInt8>, at start: Int, depthLimit: Int, noteLimit: Int = .max
  ) throws(DropFailure) {
    do {
      try document.scan(text, depthLimit: depthLimit, depthOfInterest: eventDepthLimit, noteLimit: noteLimit)
    } catch {
      let place = FailurePlace(offset: error.offset + start, in: whole)
      // The allowance around an event does not concern whoever wrote it.
      if error.reason == .tooDeep { throw tooDeep(at: place) }
      throw DropFailure(
        stage: .parse, reason: .invalidJSON,
        message: Message(
          DropMessage.invalidJSON,
          ["why": .message(error.message), "line": .integer(place.line), "column": .integer(place.column)]),
        place: place)
    }
  }

  private func tooDeep(at place: FailurePlace) -> DropFailure {
    DropFailure(
      stage: .parse, reason: .invalidJSON,
      message: Message(
        DropMessage.tooDeep,
        ["limit": .integer(eventDepthLimit), "line": .integer(place.line), "column": .integer(place.column)]),
      place: place)
  }

  private func tooLarge(_ size: Int) -> DropFailure {
    DropFailure(
      stage: .validate, reason: .tooLarge,
      message: Message(DropMessage.tooLarge, ["bytes": .integer(size), "limit": .integer(mapping.maxEventSize)]))
  }
}

/// What is found at one place of a drop.
package enum DroppedItem: Sendable {
  case event(Event)
  case failed(FailedItem)
}

/// An event that cannot be read, in a file of several.
package struct FailedItem: Sendable {
  /// The event's number in the file, from 1.
  package var index: Int
  /// Its place in the bytes.
  package var range: Range<Int>
  package var failure: DropFailure

  package init(index: Int, range: Range<Int>, failure: DropFailure) {
    self.index = index
    self.range = range
    self.failure = failure
  }
}

/// A drop's name, as bytes for derived names and as text for people.
package struct DropName: Hashable, Sendable {
  package let bytes: [UInt8]
  /// With U+FFFD for bytes that are not UTF-8.
  package let text: String

  package init(bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
    text = String(decoding: self.bytes, as: UTF8.self)
  }
}

// MARK: Mapping

extension EventReader {
  /// Maps the object in the document, or, for one of several, the last one scanned.
  private mutating func mappedEvent(
    _ bytes: [UInt8], _ range: Range<Int>, _ name: DropName, index: Int?
  ) throws(DropFailure) -> Event {
    let text = bytes.span.extracting(range)
    // The document's offsets count from the start of the scanned text: from here on, from the event's own brace.
    let shift = document.root.range.lowerBound
    let scanned = ScannedEvent(
      document: document, base: range.lowerBound - shift, bytes: bytes, range: range, isAlone: index == nil)
    // Before computing the digest: an oversized event costs no more than this check.
    guard range.count <= mapping.maxEventSize + (scanned.record == nil ? 0 : RecordAllowance.bytes) else {
      throw tooLarge(range.count)
    }
    let digest = Digests.sha256Digits(text)
    let source = EventSource(
      inbox: mapping.inbox, file: name.text, sha256: String(decoding: digest, as: UTF8.self), bytes: range.count,
      index: index)
    if let record = scanned.record, isTaken(record, scanned, name, source) {
      return Event(
        eventId: record.eventId, key: EventKey(eventId: record.eventId), eventType: record.eventType,
        createdAt: record.createdAt, source: source, bytes: bytes, range: range,
        dataRange: record.data.moved(by: scanned.base),
        attributes: record.attributes.map { .object($0.moved(by: scanned.base)) } ?? .none)
    }
    guard range.count <= mapping.maxEventSize else { throw tooLarge(range.count) }
    if let tooDeep = document.firstTooDeep, document.depth > eventDepthLimit {
      throw self.tooDeep(at: FailurePlace(offset: tooDeep + scanned.base, in: bytes.span))
    }
    return try scanned.event(by: mapping, name: name, source: source)
  }

  /// Whether to accept a drop in the form of a record as one: senders decide no more than the inbox's mapping allows.
  private func isTaken(
    _ record: ProcessedEvent, _ scanned: ScannedEvent, _ name: DropName, _ source: EventSource
  ) -> Bool {
    scanned.isFound(record, by: mapping, name: name, source: source)
      || isOnRecord(
        RecordClaim(
          eventId: record.eventId, eventType: record.eventType, inbox: mapping.inbox, createdAt: record.createdAt,
          updatedAt: record.updatedAt, cameFrom: record.source.inbox,
          dataDigest: JSONText.digest(of: record.data.moved(by: scanned.base), in: scanned.bytes.span)))
  }
}

/// What a drop in the form of a record claims to be.
package struct RecordClaim: Hashable, Sendable {
  package var eventId: EventID
  package var eventType: String
  /// The name of the inbox that contains it.
  package var inbox: String
  package var createdAt: Timestamp
  package var updatedAt: Timestamp
  /// The name of the inbox that the record claims to come from.
  package var cameFrom: String
  /// The SHA-256 of its `data` without white space between tokens.
  package var dataDigest: [UInt8]
}

extension FailurePlace {
  init(offset: Int, in bytes: Span<UInt8>) {
    let place = TextPlace(offset: offset, in: bytes)
    self.init(line: place.line, column: place.column, offset: place.offset)
  }
}

extension Range<Int> {
  func moved(by distance: Int) -> Range<Int> {
    (lowerBound + distance)..<(upperBound + distance)
  }
}

extension JSONKind {
  /// What it is, for people.
  var named: Message {
    switch self {
    case .object: Message(DropMessage.object)
    case .array: Message(DropMessage.array)
    case .string: Message(DropMessage.string)
    case .number: Message(DropMessage.number)
    case .true, .false: Message(DropMessage.boolean)
    case .null: Message(DropMessage.null)
    }
  }
}

extension Span<UInt8> {
  /// The offset of the first byte that is not JSON white space.
  fileprivate var firstNonSpace: Int? {
    var index = 0
    while index < count, self[index].isJSONSpace { index += 1 }
    return index < count ? index : nil
  }

  fileprivate var trailingSpaces: Int {
    var count = 0
    while count < self.count, self[self.count - 1 - count].isJSONSpace { count += 1 }
    return count
  }

  fileprivate var startsWithByteOrderMark: Bool {
    count >= 3 && self[0] == 0xEF && self[1] == 0xBB && self[2] == 0xBF
  }
}

extension UInt8 {
  fileprivate var isJSONSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }
}
