internal import ExactJSON

/// An object that was scanned, on its way to becoming an event.
struct ScannedEvent {
  let document: JSONDocument
  /// Where the scanned text begins in the bytes: what the document's offsets are relative to.
  let base: Int
  let bytes: [UInt8]
  /// Where the object stands in the bytes.
  let range: Range<Int>
  /// What it is where it is itself a record.
  let record: ProcessedEvent?

  /// Whether it is the file's only one: then places are those in the file; else those in the event, which becomes a file of
  /// its own where it fails.
  let isAlone: Bool

  init(document: JSONDocument, base: Int, bytes: [UInt8], range: Range<Int>, isAlone: Bool) {
    self.isAlone = isAlone
    self.document = document
    self.base = base
    self.bytes = bytes
    self.range = range
    record = try? ProcessedEvent(scanned: document, bytes.span.extracting(base...))
  }

  /// Maps it as the inbox says.
  ///
  /// - Throws: `DropFailure` where a member is missing or is not what it should be.
  func event(by mapping: EventMapping, name: DropName, source: EventSource) throws(DropFailure) -> Event {
    let found = try FoundEventID(in: self, from: mapping.eventId, name: name, source: source)
    do {
      let type = try eventType(by: mapping, name: name, source: source)
      let data = try data(by: mapping, name: name)
      let isWholeInData = data?.range == document.root.range
      return Event(
        eventId: found.id, key: EventKey(eventId: found.id), eventType: type.text, createdAt: nil, source: source,
        bytes: bytes, range: range, dataRange: data.map { $0.range.moved(by: base) },
        attributes: isWholeInData
          ? .none : attributes(without: (found.wholeMember, type.wholeMember, data.flatMap(wholeMember))))
    } catch {
      // A failure behind this point is told with the eventId, so that the event can be found by it.
      var failure = error
      failure.eventId = found.id
      throw failure
    }
  }

  /// The members but for those whose values begin there: these have a place of their own in the record.
  private func attributes(without whole: (eventId: Int?, eventType: Int?, data: Int?)) -> EventAttributes {
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

  /// Where a value begins, if it is the value of a top-level member: that member has then found its place in the record.
  func wholeMember(at value: JSONValue) -> Int? {
    document.members.contains { $0.value == value } ? value.range.lowerBound : nil
  }

  /// The value at a pointer; nil where there is none, or null, which many systems write for none.
  func value(at pointer: JSONPointer, for member: String) throws(DropFailure) -> JSONValue? {
    switch pointer.resolve(in: document, bytes.span.extracting(base...)) {
    case .missing: return nil
    case .value(let value): return value.kind == .null && member != "data" ? nil : value
    case .duplicate(let second):
      let place = self.place(at: second.name.lowerBound - 1)
      throw DropFailure(
        stage: .validate, reason: .duplicateMember,
        message: "the member that gives \(member) stands in the event twice, the second time at line \(place.line),"
          + " column \(place.column): nobody can tell which one counts",
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

  /// The place of an offset of the document's.
  func place(at offset: Int) -> FailurePlace {
    guard !isAlone else { return FailurePlace(offset: offset + base, in: bytes.span) }
    return FailurePlace(offset: offset + base - range.lowerBound, in: bytes.span.extracting(range))
  }

  private func data(by mapping: EventMapping, name: DropName) throws(DropFailure) -> JSONValue? {
    for case .pointer(let pointer) in mapping.data {
      if let value = try value(at: pointer, for: "data") { return value }
    }
    return nil
  }

  private func eventType(
    by mapping: EventMapping, name: DropName, source: EventSource
  ) throws(DropFailure) -> (text: String, wholeMember: Int?) {
    for place in mapping.eventType {
      guard case .pointer(let pointer) = place else {
        if let text = place.text(name: name, source: source), isValidEventType(text) { return (text, nil) }
        continue
      }
      guard let value = try value(at: pointer, for: "eventType") else { continue }
      guard value.kind == .string, let text = string(value), isValidEventType(text) else {
        throw DropFailure(
          stage: .validate, reason: .invalidEventType,
          message: "the eventType is not a string of 1 to 256 bytes", place: self.place(of: value))
      }
      return (text, wholeMember(at: value))
    }
    if let text = mapping.eventTypeDefault { return (text, nil) }
    throw DropFailure(
      stage: .validate, reason: .missingEventType,
      message: "the event has no eventType: there is nothing at \(mapping.eventType.listed). Set the inbox's eventType"
        + " to where it stands, or eventTypeDefault")
  }
}

/// The eventId that was found, and whether a member gave it whole.
private struct FoundEventID {
  var id: EventID
  var wholeMember: Int?

  init(
    in event: ScannedEvent, from sources: [MemberSource], name: DropName, source: EventSource
  ) throws(DropFailure) {
    for place in sources {
      guard case .pointer(let pointer) = place else {
        guard let text = place.text(name: name, source: source), isValidEventId(text) else { continue }
        self.init(text: text, wholeMember: nil)
        return
      }
      guard let value = try event.value(at: pointer, for: "eventId") else { continue }
      let text: String? =
        switch value.kind {
        case .string: event.string(value)
        case .number: event.digits(value).isIntegerByItsDigits ? event.digits(value) : nil
        default: nil
        }
      guard let text, isValidEventId(text) else {
        throw DropFailure(
          stage: .validate, reason: .invalidEventId,
          message: "the eventId is neither an integer nor a string of 1 to 512 bytes without control characters",
          place: event.place(of: value))
      }
      self.init(text: text, wholeMember: event.wholeMember(at: value))
      return
    }
    throw DropFailure(
      stage: .validate, reason: .missingEventId,
      message: "the event has no eventId: there is nothing at \(sources.listed). Set the inbox's eventId to where it"
        + " stands")
  }

  private init(text: String, wholeMember: Int?) {
    id = EventID(text)
    self.wholeMember = wholeMember
  }
}

extension MemberSource {
  /// What the file itself gives; nil for a pointer, and for a name that is not UTF-8.
  fileprivate func text(name: DropName, source: EventSource) -> String? {
    switch self {
    case .pointer: nil
    case .sha256: source.sha256
    case .fileName: String(validating: DropFormat.stem(ofFileName: name.bytes), as: UTF8.self)
    }
  }

  fileprivate var text: String {
    switch self {
    case .pointer(let pointer): pointer.description
    case .sha256: "@sha256"
    case .fileName: "@filename"
    }
  }
}

extension [MemberSource] {
  fileprivate var listed: String { map(\.text).joined(separator: " or ") }
}

extension String {
  fileprivate var isIntegerByItsDigits: Bool {
    let digits = hasPrefix("-") ? dropFirst().utf8 : self[...].utf8
    return !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
  }
}
