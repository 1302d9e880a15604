internal import ExactJSON

/// An object that was scanned, on its way to becoming an event.
struct ScannedEvent {
  let document: JSONDocument
  /// Where the scanned text begins in the bytes: the base of the document's offsets.
  let base: Int
  let bytes: [UInt8]
  /// The object's place in the bytes.
  let range: Range<Int>
  /// The record, if the object is itself one.
  let record: ProcessedEvent?

  /// Whether it is the only one in the file: then places are relative to the file, else to the event, which becomes a
  /// separate file if it fails.
  let isAlone: Bool

  init(document: JSONDocument, base: Int, bytes: [UInt8], range: Range<Int>, isAlone: Bool) {
    self.isAlone = isAlone
    self.document = document
    self.base = base
    self.bytes = bytes
    self.range = range
    record = try? ProcessedEvent(scanned: document, bytes.span.extracting(base...))
  }

  /// Maps it according to the inbox.
  ///
  /// - Throws: `DropFailure` if a member is missing or invalid.
  func event(by mapping: EventMapping, name: DropName, source: EventSource) throws(DropFailure) -> Event {
    let finder = MemberFinder(event: self, name: name, source: source)
    let id = try finder.eventId(by: mapping)
    do {
      let type = try finder.eventType(by: mapping)
      let data = try data(by: mapping)
      let isWholeInData = data?.value.range == document.root.range
      let eventId = EventID(id.text)
      return Event(
        eventId: eventId, key: EventKey(eventId: eventId), eventType: type.text, createdAt: nil, source: source,
        bytes: bytes, range: range, dataRange: data.map { $0.value.range.moved(by: base) },
        attributes: isWholeInData
          ? .none : attributes(without: (id.wholeMember, type.wholeMember, data?.wholeMember)))
    } catch {
      // The failure names the eventId, so that the event can be found by it.
      var failure = error
      failure.eventId = EventID(id.text)
      throw failure
    }
  }

  /// Whether the inbox's own mapping finds the record's eventId and eventType in it.
  func isFound(_ record: ProcessedEvent, by mapping: EventMapping, name: DropName, source: EventSource) -> Bool {
    let finder = MemberFinder(event: self, name: name, source: source)
    guard let id = try? finder.eventId(by: mapping), let type = try? finder.eventType(by: mapping) else { return false }
    return EventID(id.text) == record.eventId && type.text.utf8.elementsEqual(record.eventType.utf8)
  }

  /// The members except those whose values begin there: these have their own place in the record.
  private func attributes(without whole: (eventId: Int?, eventType: Int?, data: Int?)) -> EventAttributes {
    guard !document.hasLeftOut else {
      let starts = [whole.eventId, whole.eventType, whole.data].compactMap { $0.map { $0 + base } }
      return .others(than: starts)
    }
    var attributes: [JSONMember] = []
    attributes.reserveCapacity(document.members.count)
    for member in document.members {
      let start = member.value.range.lowerBound
      guard start != whole.eventId, start != whole.eventType, start != whole.data else { continue }
      attributes.append(
        JSONMember(
          name: member.name.moved(by: base), nameIsEscaped: member.nameIsEscaped,
          value: JSONValue(kind: member.value.kind, range: member.value.range.moved(by: base))))
    }
    return attributes.isEmpty ? .none : .members(attributes)
  }

  /// Where a value begins, if its pointer leads to a top-level member: that member is then already in the record.
  func wholeMember(_ value: JSONValue, at pointer: JSONPointer) -> Int? {
    pointer.tokens.count == 1 ? value.range.lowerBound : nil
  }

  /// The value at a pointer; nil if it is missing, or null, which many systems write for a missing value.
  func value(at pointer: JSONPointer, for member: String) throws(DropFailure) -> JSONValue? {
    switch pointer.resolve(in: document, bytes.span.extracting(base...)) {
    case .missing: return nil
    case .value(let value): return value.kind == .null && member != "data" ? nil : value
    case .duplicate(let second):
      let place = self.place(at: second.name.lowerBound - 1)
      throw DropFailure(
        stage: .validate, reason: .duplicateMember,
        message: Message(
          DropMessage.duplicateMember,
          ["member": .text(member), "line": .integer(place.line), "column": .integer(place.column)]),
        place: place)
    }
  }

  func string(_ value: JSONValue) -> String? {
    JSONText.string(value.withoutQuotes, in: bytes.span.extracting(base...))
  }

  func digits(_ value: JSONValue) -> String {
    String(decoding: bytes[value.range.moved(by: base)], as: UTF8.self)
  }

  func place(of value: JSONValue) -> FailurePlace {
    place(at: value.range.lowerBound)
  }

  /// The place of an offset in the document.
  func place(at offset: Int) -> FailurePlace {
    guard !isAlone else { return FailurePlace(offset: offset + base, in: bytes.span) }
    return FailurePlace(offset: offset + base - range.lowerBound, in: bytes.span.extracting(range))
  }

  private func data(by mapping: EventMapping) throws(DropFailure) -> (value: JSONValue, wholeMember: Int?)? {
    for case .pointer(let pointer) in mapping.data {
      if let value = try value(at: pointer, for: "data") { return (value, wholeMember(value, at: pointer)) }
    }
    return nil
  }
}
