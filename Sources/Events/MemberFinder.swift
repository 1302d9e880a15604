internal import ExactJSON

/// Finds an event's eventId and eventType where the inbox's mapping says.
struct MemberFinder {
  let event: ScannedEvent
  let name: DropName
  let source: EventSource

  /// What was found; if it is the whole value of a top-level member, where that value begins.
  struct Found {
    var text: String
    var wholeMember: Int?
  }

  /// - Throws: `DropFailure`.
  func eventId(by mapping: EventMapping) throws(DropFailure) -> Found {
    for place in mapping.eventId {
      guard var found = try text(at: place, of: .eventId) else { continue }
      found.text = mapping.eventIdPrefix + found.text
      if isValidEventId(found.text) { return found }
      // A name or a digest is not what its sender calls an eventId: the next entry is tried.
      if place.isOfFile { continue }
      throw Member.eventId.invalid(at: nil)
    }
    throw DropFailure(
      stage: .validate, reason: .missingEventId,
      message: Message(DropMessage.missingEventId, ["places": .text(mapping.eventId.listed)]))
  }

  /// - Throws: `DropFailure`.
  func eventType(by mapping: EventMapping) throws(DropFailure) -> Found {
    for place in mapping.eventType {
      guard let found = try text(at: place, of: .eventType) else { continue }
      if isValidEventType(found.text) { return found }
      if place.isOfFile { continue }
      throw Member.eventType.invalid(at: nil)
    }
    if let text = mapping.eventTypeDefault { return Found(text: text, wholeMember: nil) }
    throw DropFailure(
      stage: .validate, reason: .missingEventType,
      message: Message(DropMessage.missingEventType, ["places": .text(mapping.eventType.listed)]))
  }

  /// The value of an entry; nil if it, or a part of it, does not exist.
  private func text(at place: MemberSource, of member: Member) throws(DropFailure) -> Found? {
    switch place {
    case .fileName:
      return String(validating: DropFormat.stem(ofFileName: name.bytes), as: UTF8.self).map { Found(text: $0) }
    case .sha256: return Found(text: source.sha256)
    case .pointer(let pointer): return try text(at: pointer, of: member)
    case .cloudEvent:
      guard try event.value(at: .specversion, for: "specversion") != nil else { return nil }
      return try text(at: .joined([.pointer(.source), .pointer(.id)]), of: member)
    case .joined(let places):
      var parts: [String] = []
      for place in places {
        guard let part = try text(at: place, of: member) else { return nil }
        parts.append(part.text)
      }
      return Found(text: parts.dropLast().map { $0.escapedAsPart + ":" }.joined() + (parts.last ?? ""))
    }
  }

  private func text(at pointer: JSONPointer, of member: Member) throws(DropFailure) -> Found? {
    guard let value = try event.value(at: pointer, for: member.rawValue) else { return nil }
    let text: String? =
      switch value.kind {
      case .string: event.string(value)
      case .number: member == .eventId && event.digits(value).isIntegerByItsDigits ? event.digits(value) : nil
      default: nil
      }
    guard let text, member.accepts(text) else { throw member.invalid(at: event.place(of: value)) }
    return Found(text: text, wholeMember: event.wholeMember(value, at: pointer))
  }
}

/// A member of the record that the inbox's mapping finds.
private enum Member: String {
  case eventId, eventType

  func accepts(_ text: String) -> Bool {
    switch self {
    case .eventId: isValidEventId(text)
    case .eventType: isValidEventType(text)
    }
  }

  func invalid(at place: FailurePlace?) -> DropFailure {
    switch self {
    case .eventId:
      DropFailure(
        stage: .validate, reason: .invalidEventId,
        message: Message(DropMessage.invalidEventId), place: place)
    case .eventType:
      DropFailure(
        stage: .validate, reason: .invalidEventType, message: Message(DropMessage.invalidEventType), place: place)
    }
  }
}

extension [MemberSource] {
  fileprivate var listed: String { map(\.description).joined(separator: ", ") }
}

extension JSONPointer {
  fileprivate static let specversion = JSONPointer(member: "specversion")
  fileprivate static let source = JSONPointer(member: "source")
  fileprivate static let id = JSONPointer(member: "id")
}

extension String {
  /// With `%` and `:` percent-encoded, so that no two lists of parts give the same text.
  fileprivate var escapedAsPart: String {
    guard utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: ":") }) else { return self }
    var escaped = ""
    for character in unicodeScalars {
      switch character {
      case "%": escaped += "%25"
      case ":": escaped += "%3A"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }

  fileprivate var isIntegerByItsDigits: Bool {
    let digits = hasPrefix("-") ? dropFirst().utf8 : self[...].utf8
    return !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
  }
}
